/* A batch is rendered: each span by its program, or by the mapping, in its place among the others. */
#ifndef MOESIF_BATCH_H
#define MOESIF_BATCH_H

#include "run.h"

#ifndef _WIN32
#include <time.h>
#endif

/* Whether something was remembered for the span under its own ids. */
static int is_remembered(PyObject *remembered, PyObject *context)
{
    PyObject *key;
    int known;
    if (PyDict_Size(remembered) == 0) {
        return 0;
    }
    key = PyTuple_GetSlice(context, 0, 2);
    known = key == NULL ? -1 : PyDict_Contains(remembered, key);
    Py_XDECREF(key);
    return known;
}

static int read_digits(Subject *subject)
{
    PyObject *context = subject->parts[SPAN_CONTEXT], *shift, *high;
    PyObject *trace = PyTuple_GetItem(context, 0), *span = PyTuple_GetItem(context, 1);
    if (!is_valid(context) || !PyLong_CheckExact(trace) || !PyLong_CheckExact(span)) {
        return 0;
    }
    shift = PyLong_FromLong(64);
    high = shift == NULL ? NULL : PyNumber_Rshift(trace, shift);
    Py_XDECREF(shift);
    if (high == NULL) {
        return 0;
    }
    write_hexadecimal(subject->digits, PyLong_AsUnsignedLongLongMask(high));
    write_hexadecimal(subject->digits + SPAN_DIGITS, PyLong_AsUnsignedLongLongMask(trace));
    write_hexadecimal(subject->digits + TRACE_DIGITS, PyLong_AsUnsignedLongLongMask(span));
    Py_DECREF(high);
    return !PyErr_Occurred();
}

/* Whose span it is, and whether it is a usual one in what no program looks at. */
static Fate read_span(Renderer *self, Subject *subject, PyObject *remembered)
{
    PyObject *context = subject->parts[SPAN_CONTEXT], *parent = subject->parts[SPAN_PARENT];
    if (!is_context(self, context) || (parent != Py_None && !is_context(self, parent))) {
        return GIVEN_UP;
    }
    if (is_remembered(remembered, context) != 0 || !read_digits(subject) || !describe_resource(self, subject)) {
        return give_up();
    }
    return DONE;
}

/* A span that makes no event, and of which nothing is to be remembered. */
static Fate pass_over(const Renderer *self, const Subject *subject, PyObject *remembered)
{
    PyObject *context;
    int known;
    if (PyDict_Size(remembered) == 0) {
        return LEFT_OUT;
    }
    context = field_of(self, subject->span, SPAN_CONTEXT);
    known = is_context(self, context) ? is_remembered(remembered, context) : -1;
    Py_XDECREF(context);
    return known == 0 ? LEFT_OUT : give_up();
}

static Fate render_span(Renderer *self, Buffer *buffer, Subject *subject, PyObject *remembered)
{
    Fate fate = subject->fate;
    if (fate != DONE) {
        return fate;
    }
    fate = read_span(self, subject, remembered);
    return fate == DONE ? run(buffer, subject, subject->program) : fate;
}

typedef struct {
    PyObject *remembered; /* a dict: (trace id, span id) -> what others left for that span */
    PyObject *encode;     /* the mapping, for a span that is given up: its event as bytes, or None */
    PyObject *starts;     /* a list: where each event begins in the bytes */
} Batch;

static int append_number(PyObject *list, size_t number)
{
    PyObject *value = PyLong_FromSize_t(number);
    int appended = value != NULL && PyList_Append(list, value) == 0;
    Py_XDECREF(value);
    return appended;
}

/* The mapping's own event of a span that was given up: bytes, or nothing. 0 where an exception goes out. */
static int append_mapped(Buffer *buffer, PyObject *encode, PyObject *span, int *appended)
{
    PyObject *event = PyObject_CallFunctionObjArgs(encode, span, NULL);
    char *bytes;
    Py_ssize_t length;
    *appended = 0;
    if (event == Py_None) {
        Py_DECREF(event);
        return 1;
    }
    if (event == NULL || PyBytes_AsStringAndSize(event, &bytes, &length) < 0) {
        Py_XDECREF(event);
        return 0;
    }
    *appended = append(buffer, bytes, (size_t)length) == DONE;
    Py_DECREF(event);
    if (!*appended) {
        PyErr_NoMemory();
    }
    return *appended;
}

/* 0 where an exception goes out: memory, or an interruption. */
static int render_one(Renderer *self, Buffer *buffer, Subject *subject, const Batch *batch)
{
    size_t before = buffer->length, start;
    int appended = 0, fine = 1;
    Fate fate;
    if (subject->fate == LEFT_OUT) {
        subject->fate = pass_over(self, subject, batch->remembered);
    }
    if (subject->fate == LEFT_OUT) {
        forget_span(subject);
        return 1;
    }
    if (before > 0 && append(buffer, ",\n", 2) != DONE) {
        return 0;
    }
    start = buffer->length;
    fate = render_span(self, buffer, subject, batch->remembered);
    if (fate == GIVEN_UP) {
        buffer->length = start;
        fine = append_mapped(buffer, batch->encode, subject->span, &appended);
    }
    forget_span(subject);
    if (fate == DONE || appended) {
        return fine && append_number(batch->starts, start);
    }
    buffer->length = before;
    return fine && fate != FAILED;
}

/* Spans are read some at a time, each of them a step before the next step of any: so memory, which most of a span's time
 * goes to, answers for several at once. They are rendered in order, each after what the mapping made of those before. */
enum { AT_ONCE = 8 };

typedef Fate (*Step)(Renderer *, Subject *);
static const Step STEPS[] = {find_container, find_dictionary, find_program, take_parts};

static int read_some(Renderer *self, Subject *subjects, PyObject *spans, Py_ssize_t first, int count)
{
    size_t step;
    int at;
    for (at = 0; at < count; at++) {
        subjects[at].fate = DONE;
        subjects[at].span = PySequence_GetItem(spans, first + at);
        if (subjects[at].span == NULL) {
            return 0;
        }
    }
    for (step = 0; step < sizeof STEPS / sizeof *STEPS; step++) {
        for (at = 0; at < count; at++) {
            if (subjects[at].fate == DONE) {
                subjects[at].fate = STEPS[step](self, &subjects[at]);
            }
            if (subjects[at].fate == FAILED) {
                return 0;
            }
        }
    }
    return 1;
}

enum { BETWEEN_RESTS = 176 }; /* events, half a millisecond: a full batch of 512 rests twice. Many more are passed over in that */

/* Lets other threads of Python run, since who waits to answer a call would wait for a whole batch otherwise. To give the
 * lock up is not enough: this thread would have it again before another one is awake. */
static void rest(void)
{
    Py_BEGIN_ALLOW_THREADS
#ifndef _WIN32
    struct timespec shortest = {0, 1};
    nanosleep(&shortest, NULL);
#endif
    Py_END_ALLOW_THREADS
}

static int render_all(Renderer *self, Buffer *buffer, PyObject *spans, const Batch *batch)
{
    Subject subjects[AT_ONCE];
    Py_ssize_t first, made = 0, whole = PySequence_Size(spans);
    int at, fine = whole >= 0;
    memset(subjects, 0, sizeof subjects);
    for (at = 0; at < AT_ONCE; at++) {
        subjects[at].renderer = self;
        subjects[at].second = -1; /* none is written */
    }
    for (first = 0; fine && first < whole; first += AT_ONCE) {
        int count = whole - first < AT_ONCE ? (int)(whole - first) : AT_ONCE;
        if (PyList_Size(batch->starts) - made >= BETWEEN_RESTS) {
            made = PyList_Size(batch->starts);
            rest();
        }
        fine = read_some(self, subjects, spans, first, count);
        for (at = 0; fine && at < count; at++) {
            fine = render_one(self, buffer, &subjects[at], batch);
        }
    }
    for (at = 0; at < AT_ONCE; at++) {
        forget_span(&subjects[at]);
        PyMem_Free(subjects[at].values);
        PyMem_Free(subjects[at].names);
    }
    return fine;
}

static PyObject *renderer_render(PyObject *object, PyObject *arguments)
{
    Renderer *self = (Renderer *)object;
    PyObject *spans, *written = NULL, *result = NULL;
    Buffer buffer = {NULL, 0, 0};
    Batch batch;
    if (!PyArg_ParseTuple(arguments, "OO!O", &spans, &PyDict_Type, &batch.remembered, &batch.encode)) {
        return NULL;
    }
    batch.starts = PyList_New(0);
    if (batch.starts != NULL && make_room(&buffer, self->last_length) && render_all(self, &buffer, spans, &batch)) {
        written = PyBytes_FromStringAndSize(buffer.start, (Py_ssize_t)buffer.length);
        self->last_length = buffer.length;
    }
    else if (!PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    if (written != NULL) {
        result = PyTuple_Pack(2, written, batch.starts);
    }
    PyMem_Free(buffer.start);
    Py_XDECREF(written);
    Py_XDECREF(batch.starts);
    return result;
}

#endif
