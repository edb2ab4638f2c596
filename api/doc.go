// Package api is the contract of the HTTP API: the JSON shape of every request and answer, the catalogue of errors,
// and the table of routes. The gateway serves what the table says and the client calls it; neither adds a shape of
// its own. The package has no behaviour beyond reading and writing its values.
//
// Conventions of all shapes:
//
//	identifiers  JSON strings of decimal digits, "1" and up; a seq is one too
//	prices       JSON strings, "0.6200": above 0 and below 1, in the terms of the contract that the shape names
//	money        JSON strings with 4 decimals, "12.5000", "-0.3000"
//	rates        JSON strings, "0.0700" is 7 %
//	quantities   JSON integers of whole contracts
//	durations    JSON integers of seconds or milliseconds, and the field's name says which
//	times        JSON strings, RFC 3339 in UTC with 9 decimals of a second
//
// A field that has no value is left out; null is never written and always refused.
package api
