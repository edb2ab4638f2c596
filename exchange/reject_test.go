package exchange

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The codes are part of the API and their numbers are in the journal: lines may be added, as a new reason needs them, but
// what is in testdata/rejects.txt stays as it is.
func TestRejectsAreStable(t *testing.T) {
	b, err := os.ReadFile("testdata/rejects.txt")
	if err != nil {
		t.Fatal(err)
	}
	retries := [...]string{RetryNever: "never", RetryChange: "change", RetryLater: "later"}
	var got strings.Builder
	for _, r := range Rejects() {
		fmt.Fprintf(&got, "%d %s %s\n", r, r, retries[r.Retry()])
	}
	if got.String() != string(b) {
		t.Errorf("the codes are now\n%s", &got)
	}
}

func TestEveryRejectSpeaks(t *testing.T) {
	seen := map[string]Reject{}
	for _, r := range append(Rejects(), Accepted) {
		if other, twice := seen[r.String()]; twice {
			t.Errorf("%d and %d are both %s", r, other, r)
		}
		seen[r.String()] = r
		if strings.Trim(r.String(), "abcdefghijklmnopqrstuvwxyz_") != "" || r.String() == "" {
			t.Errorf("%d has the code %q", r, r)
		}
		if !strings.HasSuffix(r.Text(), ".") {
			t.Errorf("%v says %q", r, r.Text())
		}
	}
	if _, there := seen[rejects.String()]; there {
		t.Errorf("a reason of a later version is taken for %v", rejects)
	}
	if rejects.Text() == "" || rejects.Retry() != RetryNever {
		t.Error("a reason of a later version has no text or may be retried")
	}
}

// Names that are shown to people are there for every value, and a value of a later version is no crash.
func TestEveryValueHasAName(t *testing.T) {
	named := func(last int, name func(int) string) {
		t.Helper()
		seen := map[string]bool{}
		for i := range last + 1 {
			if s := name(i); seen[s] || s == "unknown" {
				t.Errorf("%d is called %q", i, s)
			} else {
				seen[s] = true
			}
		}
		if s := name(last + 1); s != "unknown" {
			t.Errorf("%d, which does not exist, is called %q", last+1, s)
		}
	}
	named(int(StateVoided), func(i int) string { return MarketState(i).String() })
	named(int(CancelAccountBlocked), func(i int) string { return CancelReason(i).String() })
	named(int(InvariantQuantities), func(i int) string { return Invariant(i).String() })
}
