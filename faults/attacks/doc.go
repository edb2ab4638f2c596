// Package attacks does to a real exchange what attackers do, over the network: every route with every kind of wrong credential,
// other people's things, fields that nobody asked for, numbers, texts and bodies that are not what they look like, and requests
// that two parsers would cut differently. The routes, bodies and fields come from package api, so a new route is attacked as soon as
// it is in the table; the operations of the socket from package feed, and what is served beside the routes from package gateway.
//
// Every answer is held against the description of the API: its status and code must be among those that the route says it has,
// its body must satisfy the schema, and none may be a fault of the exchange (5xx).
//
// To add a kind of credential, add a row to TestCredentials; a kind of resource, to things; a bad value, to its list in values_test.go.
package attacks
