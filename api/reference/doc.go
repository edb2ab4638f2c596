// Package reference is the reference of the API as an exchange serves it: the description in OpenAPI, and pages for people. All of
// it is made of that description and of the catalogue of errors, once, and needs nothing from elsewhere.
package reference
