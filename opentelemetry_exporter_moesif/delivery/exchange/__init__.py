"""One exchange with the collector: a request over sockets of our own, and what its answer or its failure means."""
