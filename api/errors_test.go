package api

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/errors.md anew")

const errorsPage = "../docs/errors.md"

// errorsText is docs/errors.md.
func errorsText() string {
	var b strings.Builder
	b.WriteString(`# Errors

Every refusal is ` + "`application/problem+json`" + ` with a stable ` + "`code`" + `; see [api.md](api.md#refusals). A running exchange has this page
at ` + "`" + PathErrors + "`" + `, and each problem's ` + "`type`" + ` leads there.

A retry helps: **never**, the request is wrong as it stands; **change**, after changing something, with a new idempotency key; **later**,
unchanged, after a 5xx with the same key and else with a new one.

This page is made from the catalogue: ` + "`go test ./api -update`" + ` writes it.
`)
	for _, e := range Catalogue() {
		fmt.Fprintf(&b, "\n## %s\n%s\n\n| | |\n|---|---|\n| status | %d |\n| retry | %s |\n| means | %s |\n| do | %s |\n",
			e.Code, e.Title, e.Status, e.Retry, e.Meaning, e.Remedy)
	}
	return b.String()
}

func TestErrorsPage(t *testing.T) {
	if *update {
		if err := os.WriteFile(errorsPage, []byte(errorsText()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(errorsPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != errorsText() {
		t.Errorf("%s is not what the catalogue says: run go test ./api -update", errorsPage)
	}
}
