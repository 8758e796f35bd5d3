"""Generation of a typed client package from a curated spec, on top of openapi-python-client's parser.

This is the only folder that imports openapi-python-client. `onefolio[generate]` pins it to 0.29.1, because
`parser_extensions` replaces private parts of its parser and `filters` depends on the classes of its properties: both
change between its releases without notice.
"""
