/* The operations that write one value: texts, numbers, ids, times, and what Python knows or says. */
#ifndef MOESIF_VALUES_H
#define MOESIF_VALUES_H

#include "span.h"

enum { NANOSECONDS = 1000000000, NANOSECONDS_OF_A_MILLISECOND = 1000000, TIME_LENGTH = 24 };
static const int64_t LAST_SECOND = 253402300799; /* of the year 9999 */

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

static Fate append_looked_up(Buffer *buffer, PyObject *known, PyObject *key)
{
    PyObject *answer = PyDict_GetItemWithError(known, key);
    if (answer != NULL) {
        Py_INCREF(answer);
    }
    else if (!PyErr_Occurred()) {
        answer = PyObject_GetItem(known, key); /* its `__missing__` finds out */
    }
    return append_answer(buffer, answer);
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
        unsigned int found = classes_in(classes, bytes, length);
        if (is_usual(subject, found, operation->refused, bytes, length)) {
            return append_quoted(buffer, bytes, length, (found & ESCAPED) != 0, classes);
        }
    }
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

static Fate look_up(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *key, *value;
    Fate fate;
    if (operation->places_count == 1) {
        value = subject->values[operation->places[0]];
        return can_be_key(value) ? append_looked_up(buffer, operation->object, value) : GIVEN_UP;
    }
    key = key_of(subject, operation, NULL);
    if (key == NULL) {
        return give_up();
    }
    fate = append_looked_up(buffer, operation->object, key);
    Py_DECREF(key);
    return fate;
}

static Fate ask(Buffer *buffer, Subject *subject, PyObject *function)
{
    return append_answer(buffer, PyObject_CallFunctionObjArgs(function, subject->attributes, subject->span, NULL));
}

static Fate append_time(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *time = field_of(subject->renderer, subject->span, operation->index ? SPAN_END : SPAN_START);
    long long nanoseconds = time != NULL && PyLong_CheckExact(time) ? PyLong_AsLongLong(time) : 0;
    int64_t second;
    char *out;
    Py_XDECREF(time);
    if (PyErr_Occurred() || nanoseconds <= 0 || nanoseconds / NANOSECONDS > LAST_SECOND) {
        return give_up();
    }
    if (!make_room(buffer, TIME_LENGTH)) {
        return GIVEN_UP;
    }
    out = buffer->start + buffer->length;
    second = nanoseconds / NANOSECONDS;
    if (second != subject->second) {
        write_second(subject->second_text, second);
        subject->second = second;
    }
    memcpy(out, subject->second_text, SECOND_LENGTH);
    out[SECOND_LENGTH] = '.';
    write_digits(out + SECOND_LENGTH + 1, (uint64_t)(nanoseconds % NANOSECONDS / NANOSECONDS_OF_A_MILLISECOND), 3);
    out[TIME_LENGTH - 1] = 'Z';
    buffer->length += TIME_LENGTH;
    return DONE;
}

static Fate append_ids(Buffer *buffer, Subject *subject, const Operation *operation)
{
    size_t at;
    char *out;
    if (!make_room(buffer, operation->length)) {
        return GIVEN_UP;
    }
    out = buffer->start + buffer->length;
    for (at = 0; at < operation->length; at++) {
        unsigned char letter = (unsigned char)operation->bytes[at];
        out[at] = letter < DIGIT ? (char)letter : subject->digits[letter - DIGIT];
    }
    buffer->length += operation->length;
    return DONE;
}

static Fate append_parent(Buffer *buffer, Subject *subject, const Operation *operation)
{
    char digits[SPAN_DIGITS + 1];
    unsigned long long id;
    if (subject->parent == Py_None) {
        return DONE;
    }
    id = PyLong_AsUnsignedLongLong(PyTuple_GetItem(subject->parent, 1));
    if (id == 0 || PyErr_Occurred()) {
        return give_up();
    }
    write_hexadecimal(digits, id);
    digits[SPAN_DIGITS] = '"';
    return append(buffer, operation->bytes, operation->length) == DONE ? append(buffer, digits, sizeof digits) : GIVEN_UP;
}

static Fate append_status(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *status = field_of(subject->renderer, subject->span, SPAN_STATUS), *code = NULL;
    Fate fate = GIVEN_UP;
    Py_ssize_t at;
    if (status != NULL) {
        code = field_of(subject->renderer, status, STATUS_CODE);
        Py_DECREF(status);
    }
    for (at = 0; code != NULL && at < PyTuple_Size(operation->object); at++) {
        PyObject *pair = PyTuple_GetItem(operation->object, at);
        if (PyTuple_GetItem(pair, 0) == code) {
            PyObject *told = PyTuple_GetItem(pair, 1);
            Py_INCREF(told);
            fate = append_answer(buffer, told);
            break;
        }
    }
    Py_XDECREF(code);
    return fate == DONE ? DONE : give_up();
}

/* Asks what is to be told of a resource, once as long as it is the same one: a process has one. */
static int describe_resource(Renderer *self, PyObject *span)
{
    PyObject *resource = field_of(self, span, SPAN_RESOURCE), *answer, *description;
    int weightless;
    if (resource == NULL || resource == self->resource) {
        Py_XDECREF(resource);
        return resource != NULL;
    }
    answer = PyObject_CallFunctionObjArgs(self->describe, resource, NULL);
    if (answer == NULL || !PyArg_ParseTuple(answer, "Sp", &description, &weightless)) {
        Py_XDECREF(answer);
        Py_DECREF(resource);
        return 0;
    }
    Py_INCREF(description);
    Py_DECREF(answer);
    self->weightless = weightless;
    replace(&self->description, description);
    replace(&self->resource, resource);
    return 1;
}

static Fate append_resource(Buffer *buffer, Subject *subject, const Operation *operation)
{
    char *bytes;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(subject->description, &bytes, &length) < 0) {
        return give_up();
    }
    if (length == 0) {
        return DONE;
    }
    if (append(buffer, operation->bytes, operation->length) != DONE) {
        return GIVEN_UP;
    }
    return append(buffer, bytes, (size_t)length);
}

/* No sampler decided on a span, as far as anybody knows: no weight. Else Python finds out. */
static Fate append_weight(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *none = subject->renderer->given[NO_TRACE_STATE];
    int inherited = subject->parent != Py_None && PyTuple_GetItem(subject->parent, 4) != none;
    if (subject->weightless && !inherited && PyTuple_GetItem(subject->context, 4) == none) {
        return DONE;
    }
    return ask(buffer, subject, operation->object);
}


#endif
