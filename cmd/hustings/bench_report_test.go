package main

import (
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

func TestReportAlignsAndEndsWithJSON(t *testing.T) {
	r := report{title: "Title"}
	r.add("short", 1_234_567, "orders")
	r.add("a longer label", 0.25, "ms")
	r.add("größe", -12_345.5, "")
	r.add("plain", "11648767915095828786", "")
	var b strings.Builder
	c := &cobra.Command{}
	c.SetOut(&b)
	if err := printReport(c, &r, map[string]int{"orders": 7}, true); err != nil {
		t.Fatal(err)
	}
	want := strings.Join([]string{
		"Title",
		"  short                      1,234,567  orders",
		"  a longer label                  0.25  ms",
		"  größe                      -12,345.5",
		"  plain           11648767915095828786",
		`{"orders":7}`,
		"",
	}, "\n")
	if b.String() != want {
		t.Errorf("got:\n%s\nwant:\n%s", b.String(), want)
	}
}
