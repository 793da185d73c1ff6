/* What Python knows of values, and what it says when it is asked. */
#ifndef MOESIF_ANSWERS_H
#define MOESIF_ANSWERS_H

#include "shape.h"

/* The one text that a value is or, as a header's value, holds; NULL (without an error) where it is another one. */
static PyObject *only_text(PyObject *value)
{
    if (PyTuple_CheckExact(value) && PyTuple_Size(value) == 1) {
        value = PyTuple_GetItem(value, 0);
    }
    return PyUnicode_CheckExact(value) ? value : NULL;
}

/* Whether a value may be looked up: of types that are equal to nothing but their like. */
static int can_be_key(PyObject *value)
{
    Py_ssize_t at;
    if (PyUnicode_CheckExact(value) || PyLong_CheckExact(value)) {
        return 1;
    }
    for (at = 0; PyTuple_CheckExact(value) && at < PyTuple_Size(value); at++) {
        if (!PyUnicode_CheckExact(PyTuple_GetItem(value, at))) {
            return 0;
        }
    }
    return PyTuple_CheckExact(value);
}

/* Appends what Python answered: bytes; False leaves the span out, anything else gives it up. Takes the reference. */
static Fate append_answer(Buffer *buffer, PyObject *answer)
{
    Fate fate = GIVEN_UP;
    char *bytes;
    Py_ssize_t length;
    if (answer == NULL) {
        return give_up();
    }
    if (answer == Py_False) {
        fate = LEFT_OUT;
    }
    else if (PyBytes_CheckExact(answer) && PyBytes_AsStringAndSize(answer, &bytes, &length) == 0) {
        fate = append(buffer, bytes, (size_t)length);
    }
    Py_DECREF(answer);
    return fate;
}

/* What is known of a key: a new reference. */
static PyObject *known_of(PyObject *known, PyObject *key)
{
    PyObject *answer = PyDict_GetItemWithError(known, key);
    if (answer == NULL && !PyErr_Occurred()) {
        return PyObject_GetItem(known, key); /* its `__missing__` finds out */
    }
    Py_XINCREF(answer);
    return answer;
}

static Fate append_looked_up(Buffer *buffer, PyObject *known, PyObject *key)
{
    return append_answer(buffer, known_of(known, key));
}

/* A tuple of the values of some attributes, and of one more object; NULL (perhaps without an error) where one of them
 * may not be looked up. Takes the reference to `last`, which may be NULL for none. */
static PyObject *key_of(Subject *subject, const Operation *operation, PyObject *last)
{
    Py_ssize_t at, count = operation->places_count;
    PyObject *key = PyTuple_New(count + (last != NULL));
    for (at = 0; key != NULL && at < count; at++) {
        PyObject *value = subject->values[operation->places[at]];
        if (can_be_key(value)) {
            Py_INCREF(value);
            PyTuple_SetItem(key, at, value);
        }
        else {
            Py_CLEAR(key);
        }
    }
    if (last != NULL && key != NULL) {
        PyTuple_SetItem(key, count, last);
    }
    else {
        Py_XDECREF(last);
    }
    return key;
}

static int are_same_values(PyObject *one, PyObject *other)
{
    PyObject *text = only_text(one), *other_text = only_text(other);
    return one == other
           || (Py_TYPE(one) == Py_TYPE(other) && text != NULL && other_text != NULL && are_same(text, other_text));
}

/* Whether the values are the ones that were looked up last: which scheme, host and port tell the origin seldom changes. */
static int are_the_last(const Subject *subject, const Operation *operation)
{
    Py_ssize_t at;
    if (operation->last_key == NULL) {
        return 0;
    }
    for (at = 0; at < operation->places_count; at++) {
        if (!are_same_values(subject->values[operation->places[at]], PyTuple_GetItem(operation->last_key, at))) {
            return 0;
        }
    }
    return 1;
}

static Fate look_up(Buffer *buffer, Subject *subject, Operation *operation)
{
    PyObject *key, *value, *answer;
    if (operation->places_count == 1) {
        value = subject->values[operation->places[0]];
        return can_be_key(value) ? append_looked_up(buffer, operation->object, value) : GIVEN_UP;
    }
    if (are_the_last(subject, operation)) {
        Py_INCREF(operation->last_answer);
        return append_answer(buffer, operation->last_answer);
    }
    key = key_of(subject, operation, NULL);
    answer = key == NULL ? NULL : known_of(operation->object, key);
    if (answer == NULL) {
        Py_XDECREF(key);
        return give_up();
    }
    Py_INCREF(answer);
    replace(&operation->last_answer, answer);
    replace(&operation->last_key, key);
    return append_answer(buffer, answer);
}

static Fate ask(Buffer *buffer, Subject *subject, PyObject *function)
{
    return append_answer(buffer, PyObject_CallFunctionObjArgs(function, subject->attributes, subject->span, NULL));
}

#endif
