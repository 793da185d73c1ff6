/* A program: the operations that write the event of any span of one kind, one scope, and the same attribute names. */
#ifndef MOESIF_PROGRAM_H
#define MOESIF_PROGRAM_H

#include "operation.h"

typedef struct {
    PyObject_HEAD
    PyObject *kind;
    PyObject *scope;
    PyObject *version;
    PyObject *names;
    PyObject **name_list; /* borrowed from `names` */
    Py_ssize_t names_count;
    PyObject *source;
    Operation *operations;
    Py_ssize_t count;
} Program;

static int program_traverse(PyObject *object, visitproc visit, void *arg)
{
    Program *self = (Program *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->kind);
    Py_VISIT(self->scope);
    Py_VISIT(self->version);
    Py_VISIT(self->names);
    Py_VISIT(self->source);
    return 0;
}

/* What the operations point into stays until the program itself goes, which it cannot while it is run. */
static void program_dealloc(PyObject *object)
{
    Program *self = (Program *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    Py_ssize_t at;
    PyObject_GC_UnTrack(object);
    for (at = 0; self->operations != NULL && at < self->count; at++) {
        PyMem_Free(self->operations[at].places);
        Py_CLEAR(self->operations[at].last_key);
        Py_CLEAR(self->operations[at].last_answer);
    }
    PyMem_Free(self->operations);
    PyMem_Free(self->name_list);
    Py_CLEAR(self->kind);
    Py_CLEAR(self->scope);
    Py_CLEAR(self->version);
    Py_CLEAR(self->names);
    Py_CLEAR(self->source);
    release(object);
    Py_DECREF(type);
}

static int are_texts(PyObject *names)
{
    Py_ssize_t at;
    for (at = 0; at < PyTuple_Size(names); at++) {
        if (!PyUnicode_CheckExact(PyTuple_GetItem(names, at))) {
            return 0;
        }
    }
    return 1;
}

static int read_operations(Program *self)
{
    Py_ssize_t at, attributes = PyTuple_Size(self->names);
    self->count = PyTuple_Size(self->source);
    self->operations = PyMem_Calloc((size_t)self->count + 1, sizeof(Operation));
    if (self->operations == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    for (at = 0; at < self->count; at++) {
        Operation *operation = &self->operations[at];
        if (!read_operation(operation, PyTuple_GetItem(self->source, at))
            || !is_sound(operation, attributes, self->count - at - 1)) {
            if (!PyErr_Occurred()) {
                PyErr_Format(PyExc_ValueError, "operation %zd cannot be run", at);
            }
            return 0;
        }
    }
    return 1;
}

static int list_names(Program *self)
{
    Py_ssize_t at;
    self->names_count = PyTuple_Size(self->names);
    self->name_list = PyMem_Calloc((size_t)self->names_count + 1, sizeof(PyObject *));
    if (self->name_list == NULL) {
        PyErr_NoMemory();
        return 0;
    }
    for (at = 0; at < self->names_count; at++) {
        self->name_list[at] = PyTuple_GetItem(self->names, at);
    }
    return 1;
}

static PyObject *program_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords))
{
    PyObject *kind, *scope, *version, *names, *source;
    Program *self;
    if (!PyArg_ParseTuple(arguments, "OUUO!O!", &kind, &scope, &version, &PyTuple_Type, &names, &PyTuple_Type, &source)) {
        return NULL;
    }
    if (!PyUnicode_CheckExact(scope) || !PyUnicode_CheckExact(version) || !are_texts(names)) {
        PyErr_SetString(PyExc_TypeError, "scope, version and names must be plain texts");
        return NULL;
    }
    self = (Program *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(kind);
    self->kind = kind;
    Py_INCREF(scope);
    self->scope = scope;
    Py_INCREF(version);
    self->version = version;
    Py_INCREF(names);
    self->names = names;
    Py_INCREF(source);
    self->source = source;
    if (!list_names(self) || !read_operations(self)) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

#endif
