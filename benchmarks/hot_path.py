from benchmarks.report import Section


def measure(*, quick):
    return Section("hot_path", "", [])
