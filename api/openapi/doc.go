// Package openapi describes the HTTP API as an OpenAPI 3.1 document. The document is made of what the server itself works
// with: the table of routes, the shapes of requests and answers, and the comments of these. What neither says, such as
// ranges and enumerations, stands in tables here, which tests hold against the shapes and against a running exchange.
package openapi
