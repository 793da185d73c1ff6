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

static Fate append_time(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *time = subject->parts[operation->index ? SPAN_END : SPAN_START];
    long long nanoseconds = PyLong_CheckExact(time) ? PyLong_AsLongLong(time) : 0;
    int64_t second;
    char *out;
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
    if (subject->parts[SPAN_PARENT] == Py_None) {
        return DONE;
    }
    id = PyLong_AsUnsignedLongLong(PyTuple_GetItem(subject->parts[SPAN_PARENT], 1));
    if (id == 0 || PyErr_Occurred()) {
        return give_up();
    }
    write_hexadecimal(digits, id);
    digits[SPAN_DIGITS] = '"';
    return append(buffer, operation->bytes, operation->length) == DONE ? append(buffer, digits, sizeof digits) : GIVEN_UP;
}

/* The code of the span's status: a new reference, NULL with an error where there is none. */
static PyObject *status_of(const Subject *subject)
{
    return field_of(subject->renderer, subject->parts[SPAN_STATUS], STATUS_CODE);
}

static Fate append_status(Buffer *buffer, Subject *subject, const Operation *operation)
{
    PyObject *code = status_of(subject);
    Fate fate = GIVEN_UP;
    Py_ssize_t at;
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

/* Whether the code of the span's status is one of some; -1 where that cannot be told. */
static int has_status(const Subject *subject, PyObject *codes)
{
    PyObject *code = status_of(subject);
    Py_ssize_t at;
    int found = code == NULL ? -1 : 0;
    for (at = 0; found == 0 && at < PyTuple_Size(codes); at++) {
        found = PyTuple_GetItem(codes, at) == code;
    }
    Py_XDECREF(code);
    return found;
}

static int is_empty_list(const Renderer *self, PyObject *list)
{
    if ((PyObject *)Py_TYPE(list) == self->given[TYPE_LIST]) {
        PyObject *items = field_of(self, list, THEIR_DEQUE);
        Py_ssize_t size = items == NULL ? -1 : PyObject_Size(items);
        Py_XDECREF(items);
        return size == 0;
    }
    return (PyTuple_CheckExact(list) && PyTuple_Size(list) == 0) || (PyList_CheckExact(list) && PyList_Size(list) == 0);
}

/* Most spans have no events; what is told of those that do, Python knows. */
static Fate append_events(Buffer *buffer, Subject *subject, const Operation *operation)
{
    if (is_empty_list(subject->renderer, subject->parts[SPAN_EVENTS])) {
        return DONE;
    }
    return PyErr_Occurred() ? give_up() : ask(buffer, subject, operation->object);
}

/* Asks what is to be told of a resource, once as long as it is the same one: a process has one. */
static int describe_resource(Renderer *self, PyObject *resource)
{
    PyObject *answer, *description;
    int weightless;
    if (resource == self->resource) {
        return 1;
    }
    answer = PyObject_CallFunctionObjArgs(self->describe, resource, NULL);
    if (answer == NULL || !PyArg_ParseTuple(answer, "Sp", &description, &weightless)) {
        Py_XDECREF(answer);
        return 0;
    }
    Py_INCREF(resource);
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
    int inherited = subject->parts[SPAN_PARENT] != Py_None && PyTuple_GetItem(subject->parts[SPAN_PARENT], 4) != none;
    if (subject->weightless && !inherited && PyTuple_GetItem(subject->parts[SPAN_CONTEXT], 4) == none) {
        return DONE;
    }
    return ask(buffer, subject, operation->object);
}


#endif
