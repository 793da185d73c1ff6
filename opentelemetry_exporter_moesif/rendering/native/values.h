/* The operations that write one attribute: a text or a number as JSON. */
#ifndef MOESIF_VALUES_H
#define MOESIF_VALUES_H

#include "answers.h"

static const char *utf8(PyObject *text, size_t *length)
{
    Py_ssize_t size = 0;
    const char *bytes = PyUnicode_AsUTF8AndSize(text, &size);
    if (bytes == NULL) {
        PyErr_Clear(); /* lone surrogates */
        return NULL;
    }
    *length = (size_t)size;
    return bytes;
}

/* Whether a text has none of some classes of characters, and no word that may tell something. */
static int is_usual(Subject *subject, unsigned int found, unsigned int refused, const char *text, size_t length)
{
    const Renderer *self = subject->renderer;
    if (found & refused) {
        return 0;
    }
    return length <= (size_t)self->longest_word || !(found & (IN_TELLING_WORDS | IS_DOUBLED))
           || !has_telling_word(self->classes, text, length, (size_t)self->longest_word);
}

static Fate append_text(Buffer *buffer, Subject *subject, const Operation *operation, PyObject *value)
{
    const Classes *classes = subject->renderer->classes;
    PyObject *text = only_text(value);
    size_t length = 0;
    const char *bytes = text == NULL ? NULL : utf8(text, &length);
    if (bytes != NULL && length <= (size_t)operation->limit) {
        unsigned int found = classes_in(classes, bytes, length, operation->refused);
        if (is_usual(subject, found, operation->refused, bytes, length)) {
            return append_quoted(buffer, bytes, length, (found & ESCAPED) != 0, classes);
        }
    }
    /* A header's value is known by its text, however it is kept. */
    value = text == NULL ? value : text;
    if (PyDict_Check(operation->object) && can_be_key(value)) {
        return append_looked_up(buffer, operation->object, value);
    }
    return GIVEN_UP;
}

static Fate append_int(Buffer *buffer, PyObject *value, Py_ssize_t least)
{
    long long number = PyLong_AsLongLong(value);
    if (number == -1 && PyErr_Occurred()) {
        return give_up();
    }
    return number < least ? GIVEN_UP : append_integer(buffer, number);
}

/* An id: no empty text, none with blanks around it. */
static Fate append_identifier(Buffer *buffer, Subject *subject, const Operation *operation, PyObject *value)
{
    size_t length;
    const char *text = PyUnicode_CheckExact(value) ? utf8(value, &length) : NULL;
    if (text == NULL || length == 0 || (unsigned char)(text[0] - '!') > '~' - '!'
        || (unsigned char)(text[length - 1] - '!') > '~' - '!') {
        return GIVEN_UP;
    }
    return append_text(buffer, subject, operation, value);
}

static Fate append_value(Buffer *buffer, Subject *subject, const Operation *operation, PyObject *value)
{
    if (PyUnicode_CheckExact(value)) {
        return append_text(buffer, subject, operation, value);
    }
    if (PyLong_CheckExact(value)) {
        return append_int(buffer, value, PY_SSIZE_T_MIN);
    }
    if (PyBool_Check(value)) {
        return value == Py_True ? append(buffer, "true", 4) : append(buffer, "false", 5);
    }
    return GIVEN_UP;
}

#endif
