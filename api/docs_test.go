package api

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/hustings/hustings/exchange"
)

var keyWords = [...]string{KeyNone: "", KeyOptional: "optional", KeyRequired: "required"}
var needWords = [...]string{NeedNothing: "anyone", NeedRead: "read", NeedTrade: "trade", NeedOperator: "admin key"}

// docRows is what docs/api.md must list. `go test -run Docs -v` prints what is missing.
func docRows() []string {
	var rows []string
	for _, r := range Routes() {
		var query string
		for _, p := range r.Query {
			query += fmt.Sprintf("<br>`%s`: %s", p.Name, p.Summary)
		}
		var etag string
		if r.IfMatch {
			etag = " Takes If-Match."
		} else if r.ETag {
			etag = " Has an ETag."
		}
		rows = append(rows, fmt.Sprintf("| `%s %s` (%s) | %s | %s.%s%s |",
			r.Method, r.Path, needWords[r.Need], keyWords[r.Key], r.Summary, etag, query))
	}
	for _, r := range exchange.Rejects() {
		rows = append(rows, fmt.Sprintf("| `%s` | %d | %s |", r, RejectStatus(r), retryWords[r.Retry()]))
	}
	for _, c := range Codes() {
		rows = append(rows, fmt.Sprintf("| `%s` | %d | %s | %s |", c.Code, c.Status, c.Retry, c.Title))
	}
	return rows
}

func TestDocsListEverything(t *testing.T) {
	page, err := os.ReadFile("../docs/api.md")
	if err != nil {
		t.Fatal(err)
	}
	rest := string(page)
	for _, row := range docRows() {
		_, after, ok := strings.Cut(rest, row+"\n")
		if !ok {
			t.Errorf("docs/api.md lacks, or has out of order:\n%s", row)
			continue
		}
		rest = after
	}
}
