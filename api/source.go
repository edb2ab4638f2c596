package api

import "embed"

// Source is the source text of this package: the comments of its shapes are what the reference of the API says about them.
//
//go:embed *.go
var Source embed.FS
