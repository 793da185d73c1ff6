/* Runs programs over spans: see rendering/program.py for what a program is and how one is compiled.
 *
 * It knows JSON strings, times, hexadecimal digits, classes of characters and dictionaries. It knows no rule of Moesif's,
 * no header's name and no secret: those are in the programs, which Python writes. Whatever is not usual about a span
 * makes it give the span up, and the mapping in Python maps that one. So each refusal here costs time, never an event.
 *
 * Each header includes the one before it: what is written (bytes.h); operations and the programs made of them (operation.h,
 * program.h); a span and the program of its shape (span.h, shape.h); what operations write (answers.h, values.h, parts.h,
 * uri.h); a program run over a span, and a batch (run.h, batch.h). Here is what Python sees of it.
 *
 * Only the limited API of Python 3.10 is used: one build serves every later CPython. Every object that is kept beyond one
 * statement is owned: a function of Python that is asked may do anything meanwhile.
 */
#include "batch.h"

static int renderer_traverse(PyObject *object, visitproc visit, void *arg)
{
    Renderer *self = (Renderer *)object;
    int at;
    Py_VISIT(Py_TYPE(object));
    for (at = 0; at < GIVEN; at++) {
        Py_VISIT(self->given[at]);
    }
    for (at = 0; at < RECENT; at++) {
        Py_VISIT(self->recent[at]);
    }
    Py_VISIT(self->program_type);
    Py_VISIT(self->programs);
    Py_VISIT(self->learn);
    Py_VISIT(self->describe);
    Py_VISIT(self->scope);
    Py_VISIT(self->resource);
    return 0;
}

/* Breaks cycles of references, which all lead through these. What is used without being asked whether it is there stays. */
static int renderer_clear(PyObject *object)
{
    Renderer *self = (Renderer *)object;
    int at;
    for (at = 0; at < RECENT; at++) {
        Py_CLEAR(self->recent[at]);
    }
    Py_CLEAR(self->learn);
    Py_CLEAR(self->describe);
    return 0;
}

static void renderer_dealloc(PyObject *object)
{
    Renderer *self = (Renderer *)object;
    PyTypeObject *type = Py_TYPE(object);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    int at;
    PyObject_GC_UnTrack(object);
    renderer_clear(object);
    for (at = 0; at < GIVEN; at++) {
        Py_CLEAR(self->given[at]);
    }
    for (at = 0; at < FIELDS; at++) {
        Py_CLEAR(self->fields[at]);
    }
    Py_CLEAR(self->program_type);
    Py_CLEAR(self->programs);
    Py_CLEAR(self->scope);
    Py_CLEAR(self->scope_name);
    Py_CLEAR(self->scope_version);
    Py_CLEAR(self->resource);
    Py_CLEAR(self->description);
    release(object);
    Py_DECREF(type);
}

static int read_given(Renderer *self, PyObject *given)
{
    int at;
    if (PyTuple_Size(given) != GIVEN) {
        PyErr_SetString(PyExc_ValueError, "what is given of the SDK is not whole");
        return 0;
    }
    for (at = 0; at < GIVEN; at++) {
        self->given[at] = PyTuple_GetItem(given, at);
        Py_INCREF(self->given[at]);
    }
    for (at = 0; at < FIELDS; at++) {
        self->fields[at] = PyUnicode_InternFromString(FIELD_NAMES[at]);
        if (self->fields[at] == NULL) {
            return 0;
        }
    }
    return 1;
}

static PyObject *renderer_new(PyTypeObject *type, PyObject *arguments, PyObject *Py_UNUSED(keywords))
{
    PyObject *given, *classes, *programs, *learn, *describe, *program_type;
    Py_ssize_t longest_word;
    Renderer *self;
    /* No format with `#`: built with the headers of 3.13, it would raise on the Pythons before. */
    if (!PyArg_ParseTuple(arguments, "O!SnO!OOO!", &PyTuple_Type, &given, &classes, &longest_word, &PyDict_Type, &programs,
                          &learn, &describe, &PyType_Type, &program_type)) {
        return NULL;
    }
    self = (Renderer *)PyType_GenericAlloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Py_INCREF(programs);
    self->programs = programs;
    Py_INCREF(learn);
    self->learn = learn;
    Py_INCREF(describe);
    self->describe = describe;
    Py_INCREF(program_type);
    self->program_type = program_type;
    self->longest_word = longest_word;
    if (PyBytes_Size(classes) != (Py_ssize_t)sizeof self->classes || longest_word < 0) {
        PyErr_SetString(PyExc_ValueError, "each of 256 characters needs its classes, and words a longest length");
    }
    else if ((newfunc)PyType_GetSlot((PyTypeObject *)program_type, Py_tp_new) != program_new) {
        PyErr_SetString(PyExc_TypeError, "programs must be of this module's own type");
    }
    else if (read_given(self, given)) {
        memcpy(self->classes, PyBytes_AsString(classes), sizeof self->classes);
        return (PyObject *)self;
    }
    Py_DECREF(self);
    return NULL;
}

static PyMethodDef renderer_methods[] = {
    {"render", renderer_render, METH_VARARGS, "render(spans, remembered, encode) -> (bytes, where each event begins in them)"},
    {NULL, NULL, 0, NULL},
};

#ifdef __GNUC__ /* slots hold functions as void pointers, as Python's own headers want it */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
static PyType_Slot program_slots[] = {
    {Py_tp_new, program_new},
    {Py_tp_traverse, program_traverse},
    {Py_tp_dealloc, program_dealloc},
    {0, NULL},
};

static PyType_Slot renderer_slots[] = {
    {Py_tp_new, renderer_new},           {Py_tp_traverse, renderer_traverse}, {Py_tp_clear, renderer_clear},
    {Py_tp_dealloc, renderer_dealloc},   {Py_tp_methods, renderer_methods},   {0, NULL},
};
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

static PyType_Spec program_spec = {
    "opentelemetry_exporter_moesif.rendering._renderer.Program", sizeof(Program), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, program_slots,
};

static PyType_Spec renderer_spec = {
    "opentelemetry_exporter_moesif.rendering._renderer.Renderer", sizeof(Renderer), 0,
    Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, renderer_slots,
};

static int add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromSpec(spec);
    int added = type != NULL && PyModule_AddObjectRef(module, name, type) == 0;
    Py_XDECREF(type);
    return added;
}

/* The names of the operations, each at its number: Python takes them from here. */
static int add_names(PyObject *module)
{
    PyObject *names = PyTuple_New(CODES);
    int at, added = names != NULL;
    for (at = 0; added && at < CODES; at++) {
        PyObject *name = PyUnicode_FromString(CODE_NAMES[at]);
        added = name != NULL && PyTuple_SetItem(names, at, name) == 0;
    }
    added = added && PyModule_AddObjectRef(module, "OPERATIONS", names) == 0;
    Py_XDECREF(names);
    return added;
}

static int execute(PyObject *module)
{
    return add_type(module, "Program", &program_spec) && add_type(module, "Renderer", &renderer_spec) && add_names(module)
                   && PyModule_AddIntConstant(module, "EMPTINESS", EMPTINESS) == 0
               ? 0
               : -1;
}

#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#endif
static PyModuleDef_Slot slots[] = {
    {Py_mod_exec, execute},
    {0, NULL},
};
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_renderer", "Runs programs over spans.", 0, NULL, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__renderer(void)
{
    return PyModuleDef_Init(&definition);
}
