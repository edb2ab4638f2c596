package main

import (
	"html"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/node"
)

// block returns the first lines of a text between two marks, after a heading.
func block(t *testing.T, text, heading, begin, end string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, heading)
	_, rest, begun := strings.Cut(rest, begin)
	lines, _, ended := strings.Cut(rest, end)
	if !found || !begun || !ended {
		t.Fatalf("there is no block after %q", heading)
	}
	return lines
}

// names returns the names of an object's fields in their order.
func names(t *testing.T, object string) (all []string) {
	t.Helper()
	d := jsontext.NewDecoder(strings.NewReader(object))
	if _, err := d.ReadToken(); err != nil {
		t.Fatal(err)
	}
	for d.PeekKind() == '"' {
		name, err := d.ReadToken()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, name.String())
		if err := d.SkipValue(); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// What docs/api.md and the page of a running exchange say to begin with can be pasted, and is answered as they say.
func TestDocsCanBePasted(t *testing.T) {
	ctx := bound(t)
	p := runProcess(t, ctx, filepath.Join(t.TempDir(), "data"))
	key, err := os.ReadFile(filepath.Join(p.dir, node.AdminKeyFile))
	if err != nil {
		t.Fatal(err)
	}
	admin := dial(t, p.admin, strings.TrimSpace(string(key)))
	if _, err := admin.CreateMarket(ctx, "market", api.CreateMarket{Question: "Do the docs work?"}); err != nil {
		t.Fatal(err)
	}
	docs, err := os.ReadFile(filepath.Join("..", "..", "docs", "api.md"))
	if err != nil {
		t.Fatal(err)
	}
	here := func(lines string) string { return strings.ReplaceAll(lines, "http://127.0.0.1:8080", "http://"+p.api) }
	out := shell(t, ctx, here(block(t, string(docs), "\n## A first order\n", "```\n", "```\n")))
	answers := strings.SplitAfter(out, "}{")
	got := "{" + strings.TrimPrefix(answers[len(answers)-1], "{")
	said := block(t, string(docs), "The last answer is\n", "```\n", "```\n")
	if strings.Contains(out, api.PathErrors) || strings.Join(names(t, got), " ") != strings.Join(names(t, said), " ") {
		t.Errorf("the docs say\n%s\nand the exchange\n%s", said, out)
	}

	page := shell(t, ctx, "curl -s http://"+p.api+api.PathDocs)
	begin := block(t, page, `id="begin"`, "<code>", "</code>")
	out = shell(t, ctx, strings.ReplaceAll(here(html.UnescapeString(begin)), `"ada"`, `"bea"`))
	if strings.Contains(out, api.PathErrors) || !strings.Contains(out, `"equity":"0.0000"`) {
		t.Errorf("the page's lines are answered by\n%s", out)
	}
	p.stop(t)
}

func TestOpenAPICommand(t *testing.T) {
	out, err := runHere(t, "openapi")
	kept, readErr := os.ReadFile(filepath.Join("..", "..", "docs", "openapi.json"))
	if err != nil || readErr != nil || out != string(kept) {
		t.Errorf("it prints %d bytes, docs/openapi.json has %d: %v, %v", len(out), len(kept), err, readErr)
	}
	if !jsontext.Value(out).IsValid() {
		t.Error("not JSON")
	}
}
