package peer

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"
)

func TestBulkGoesOverHTTP2(t *testing.T) {
	one, two := newRecorder(), newRecorder()
	content := bytes.Repeat([]byte("0123456789abcdef"), 1<<18)
	two.serve = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("From", From(r.Context()).String())
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(content))
	}
	m1, _ := pair(t, one, two, 0)
	client, base := m1.Client(2)
	for spec, want := range map[string][]byte{"": content, "bytes=1000003-2000000": content[1_000_003:2_000_001]} {
		r, err := http.NewRequest(http.MethodGet, base+"/snapshot", nil)
		if err != nil {
			t.Fatal(err)
		}
		if spec != "" {
			r.Header.Set("Range", spec)
		}
		answer, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || !bytes.Equal(body, want) {
			t.Errorf("%q: %d bytes, %v, want %d", spec, len(body), err, len(want))
		}
		if got := fmt.Sprintf("%d %s", answer.ProtoMajor, answer.Header.Get("From")); got != "2 1" {
			t.Errorf("HTTP version and asking node are %s", got)
		}
	}
	for _, url := range []string{"https://node-3", "https://node-0", "https://node-99999", "https://127.0.0.1:1"} {
		if answer, err := client.Get(url); err == nil {
			answer.Body.Close()
			t.Errorf("%s was reached", url)
		}
	}
}
