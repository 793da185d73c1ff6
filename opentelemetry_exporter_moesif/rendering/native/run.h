/* A program is run over a span: one operation after the other, until one gives the span up. */
#ifndef MOESIF_RUN_H
#define MOESIF_RUN_H

#include "uri.h"

static Fate run_operation(Buffer *buffer, Subject *subject, Operation *operation)
{
    PyObject *name = subject->parts[SPAN_NAME];
    switch (operation->code) {
    case CONSTANT:
        return append(buffer, operation->bytes, operation->length);
    case TEXT:
        return append_text(buffer, subject, operation, subject->values[operation->index]);
    case IDENTIFIER:
        return append_identifier(buffer, subject, operation, subject->values[operation->index]);
    case NAME:
        return PyUnicode_CheckExact(name) && PyUnicode_GetLength(name) > 0 ? append_text(buffer, subject, operation, name)
                                                                           : GIVEN_UP;
    case INTEGER:
        return PyLong_CheckExact(subject->values[operation->index])
                   ? append_int(buffer, subject->values[operation->index], operation->limit)
                   : GIVEN_UP;
    case VALUE:
        return append_value(buffer, subject, operation, subject->values[operation->index]);
    case LOOKUP:
        return look_up(buffer, subject, operation);
    case ASK:
        return ask(buffer, subject, operation->object);
    case TIME:
        return append_time(buffer, subject, operation);
    case IDS:
        return append_ids(buffer, subject, operation);
    case PARENT:
        return append_parent(buffer, subject, operation);
    case STATUS:
        return append_status(buffer, subject, operation);
    case RESOURCE:
        return append_resource(buffer, subject, operation);
    case WEIGHT:
        return append_weight(buffer, subject, operation);
    case EXCLUDE:
        return exclude(buffer, subject, operation);
    case EVENTS:
        return append_events(buffer, subject, operation);
    default:
        return append_part_of_uri(buffer, subject, operation);
    }
}

/* Where an operation after a TRY gives up, what was written since is taken back, and a function is asked instead. */
static Fate run(Buffer *buffer, Subject *subject, const Program *program)
{
    Operation *operation = program->operations, *end = operation + program->count;
    Operation *tried = NULL, *after = NULL;
    subject->mark = buffer->length;
    for (; operation < end; operation++) {
        Fate fate;
        if (operation->code == TRY) {
            tried = operation;
            after = operation + operation->limit;
            subject->mark = buffer->length;
            continue;
        }
        if (operation->code == SKIP) {
            int has = has_status(subject, operation->object);
            operation += has > 0 ? operation->limit : 0;
            fate = has < 0 ? give_up() : DONE;
        }
        else {
            fate = run_operation(buffer, subject, operation);
        }
        if (fate == DONE) {
            continue;
        }
        if (fate == GIVEN_UP && tried != NULL && operation <= after) {
            buffer->length = subject->mark;
            fate = ask(buffer, subject, tried->object);
            operation = after;
        }
        if (fate != DONE) {
            return fate;
        }
    }
    return DONE;
}

#endif
