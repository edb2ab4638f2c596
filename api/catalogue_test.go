package api

import (
	"strings"
	"testing"
)

// Every code has an entry that says what it means and what to do, and nothing else has one.
func TestCatalogueIsComplete(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range Catalogue() {
		if seen[e.Code] {
			t.Errorf("%s is there twice", e.Code)
		}
		seen[e.Code] = true
		for name, text := range map[string]string{"title": e.Title, "meaning": e.Meaning, "remedy": e.Remedy} {
			if text == "" || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
				t.Errorf("%s: the %s is not a sentence: %q", e.Code, name, text)
			}
		}
		if e.Status < 400 || e.Status > 599 {
			t.Errorf("%s: status %d", e.Code, e.Status)
		}
		if (e.Status >= 500) && e.Retry != RetryLater {
			t.Errorf("%s: the exchange is at fault, and a retry cannot help", e.Code)
		}
	}
	for code := range advices {
		if !seen[code] {
			t.Errorf("there is advice on %s, which is no code", code)
		}
	}
}
