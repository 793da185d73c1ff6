/* The program of a span, found by its shape: kind, scope, and the names of its attributes. */
#ifndef MOESIF_SHAPE_H
#define MOESIF_SHAPE_H

#include "span.h"

static uint64_t mixed(uint64_t sum, uint64_t value)
{
    sum = (sum ^ value) * UINT64_C(0x9E3779B97F4A7C15);
    return sum ^ (sum >> 29);
}

/* The name or version of a scope; a text without letters where there is none, as the mapping has it. */
static PyObject *text_of_scope(const Renderer *self, PyObject *scope, int field)
{
    PyObject *text = scope == Py_None ? NULL : field_of(self, scope, field);
    if (text == NULL || text == Py_None) {
        Py_XDECREF(text);
        return PyErr_Occurred() ? NULL : PyUnicode_FromStringAndSize(NULL, 0);
    }
    if (!PyUnicode_CheckExact(text)) {
        Py_CLEAR(text);
    }
    return text;
}

/* Reads the scope of a span, unless it is that of the last one, as it mostly is. 0 where the span is the mapping's. */
static int read_scope(Renderer *self, PyObject *span)
{
    PyObject *scope = field_of(self, span, SPAN_SCOPE), *name, *version;
    if (scope == NULL || scope == self->scope) {
        Py_XDECREF(scope);
        return scope != NULL;
    }
    if (scope != Py_None && (PyObject *)Py_TYPE(scope) != self->given[TYPE_SCOPE]) {
        Py_DECREF(scope);
        return 0;
    }
    name = text_of_scope(self, scope, SCOPE_NAME);
    version = name == NULL ? NULL : text_of_scope(self, scope, SCOPE_VERSION);
    if (version == NULL) {
        Py_DECREF(scope);
        Py_XDECREF(name);
        return 0;
    }
    self->scope_hash = mixed((uint64_t)PyObject_Hash(name), (uint64_t)PyObject_Hash(version));
    replace(&self->scope_name, name);
    replace(&self->scope_version, version);
    replace(&self->scope, scope);
    return self->scope == scope; /* what goes with the former one may render other spans, with scopes of their own */
}

static int has_names(const Program *program, const Subject *subject)
{
    Py_ssize_t at;
    if (subject->count != program->names_count) {
        return 0;
    }
    for (at = 0; at < subject->count; at++) {
        if (!are_same(subject->names[at], program->name_list[at])) {
            return 0;
        }
    }
    return 1;
}

static int is_for(const Program *program, const Renderer *self, PyObject *kind, const Subject *subject)
{
    return program->kind == kind && are_same(program->scope, self->scope_name)
           && are_same(program->version, self->scope_version) && has_names(program, subject);
}

static uint64_t hash_of(const Renderer *self, PyObject *kind, const Subject *subject)
{
    uint64_t hash = mixed((uint64_t)(uintptr_t)kind, self->scope_hash);
    Py_ssize_t at;
    for (at = 0; at < subject->count; at++) {
        hash = mixed(hash, (uint64_t)PyObject_Hash(subject->names[at]));
    }
    return hash;
}

/* Puts a program in the place of the oldest of the recent ones. */
static void keep_as_recent(Renderer *self, PyObject *program)
{
    int place = self->oldest;
    self->oldest = (place + 1) % RECENT;
    Py_INCREF(program);
    replace(&self->recent[place], program);
}

/* Looks a program up; where there is none, `learn` is told. */
static PyObject *look_program_up(Renderer *self, PyObject *kind, Subject *subject)
{
    PyObject *key = PyLong_FromUnsignedLongLong(hash_of(self, kind, subject)), *program, *answer;
    if (key == NULL) {
        return NULL;
    }
    program = PyDict_GetItemWithError(self->programs, key);
    if (program != NULL && (PyObject *)Py_TYPE(program) == self->program_type) {
        program = is_for((Program *)program, self, kind, subject) ? program : NULL;
        Py_XINCREF(program);
    }
    else {
        if (!PyErr_Occurred()) {
            answer = PyObject_CallFunctionObjArgs(self->learn, subject->span, key, NULL);
            Py_XDECREF(answer);
        }
        program = NULL;
    }
    Py_DECREF(key);
    return program;
}

/* Whether a dictionary's keys are the names that a program is for. */
static int has_keys(const Program *program, PyObject *dictionary)
{
    PyObject *name;
    Py_ssize_t position = 0, at = 0;
    if (PyDict_Size(dictionary) != program->names_count) {
        return 0;
    }
    while (PyDict_Next(dictionary, &position, &name, NULL)) {
        if (!PyUnicode_CheckExact(name) || !are_same(name, program->name_list[at++])) {
            return 0;
        }
    }
    return 1;
}

/* Whether one of the recent programs passes over spans of this kind and these names: whose scope it is, is not asked. */
static int is_passed_over(const Renderer *self, PyObject *kind, PyObject *attributes)
{
    int at;
    for (at = 0; at < RECENT; at++) {
        const Program *recent = (const Program *)self->recent[at];
        if (recent != NULL && recent->count == 0 && recent->kind == kind && has_keys(recent, attributes)) {
            return 1;
        }
    }
    return 0;
}

/* Finds the program of a span. One that is passed over is left out. */
static Fate find_program(Renderer *self, Subject *subject)
{
    PyObject *kind = field_of(self, subject->span, SPAN_KIND), *found = NULL;
    int at;
    if (kind != NULL && is_passed_over(self, kind, subject->attributes)) {
        Py_DECREF(kind);
        return LEFT_OUT;
    }
    if (kind != NULL && read_scope(self, subject->span) && read_attributes(subject)) {
        for (at = 0; at < RECENT && found == NULL; at++) {
            PyObject *recent = self->recent[at];
            if (recent != NULL && is_for((Program *)recent, self, kind, subject)) {
                found = recent;
                Py_INCREF(found);
            }
        }
        if (found == NULL && (found = look_program_up(self, kind, subject)) != NULL) {
            keep_as_recent(self, found);
        }
    }
    Py_XDECREF(kind);
    subject->program = (Program *)found;
    if (found == NULL) {
        return give_up();
    }
    return subject->program->count == 0 ? LEFT_OUT : DONE;
}

#endif
