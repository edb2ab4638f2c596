package attacks

import (
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
)

// Of requests that a proxy and the exchange might cut differently nothing is answered that stands behind them: they are refused, or
// the connection ends with their answer.
func TestSmuggling(t *testing.T) {
	g := newGround(t)
	mutating := routesThat((*api.Route).Mutation)
	const hidden = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	sent := 0
	for _, r := range mutating {
		req := g.build(&r, request{})
		head := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: %s\r\nIdempotency-Key: smuggled\r\n",
			r.Method, req.URL.RequestURI(), req.Header.Get("Authorization"))
		for name, rest := range map[string]string{
			"two lengths":            "Content-Length: 2\r\nContent-Length: 50\r\n\r\n{}" + hidden,
			"two lengths in one":     "Content-Length: 2, 50\r\n\r\n{}" + hidden,
			"length and chunks":      "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
			"chunks twice":           "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden,
			"unknown encoding":       "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + hidden,
			"encoding with a tab":    "Transfer-Encoding:\tgzip, chunked\r\n\r\n0\r\n\r\n" + hidden,
			"signed length":          "Content-Length: +2\r\n\r\n{}" + hidden,
			"hexadecimal length":     "Content-Length: 0x2\r\n\r\n{}" + hidden,
			"space before the colon": "Content-Length : 2\r\n\r\n{}" + hidden,
			"folded header":          "Content-Length: 2\r\n 0\r\n\r\n{}" + hidden,
			"bad chunk":              "Transfer-Encoding: chunked\r\n\r\n2;\nxx\r\n{}\r\n0\r\n\r\n" + hidden,
		} {
			sent++
			got := raw(t, req.URL.Host, head+rest)
			status, _, _ := strings.Cut(got, "\r\n")
			if !strings.HasPrefix(status, "HTTP/1.1 ") || strings.HasPrefix(status, "HTTP/1.1 5") && !strings.HasPrefix(status, "HTTP/1.1 501") {
				t.Errorf("%s, %s: %q", r.Name, name, status)
			}
			if strings.Contains(got, healthy) {
				t.Errorf("%s, %s: what was hidden is answered:\n%s", r.Name, name, got)
			}
		}
	}
	t.Logf("%-28s %3d of %3d routes  %6d requests", "smuggling", len(mutating), len(mutating), sent)
}

// healthy is in the answer to the request that is hidden behind others.
const healthy = `"status":"ok"`

// raw sends bytes on a connection of its own and returns all that comes back, up to the answer that should not be there.
func raw(t *testing.T, addr, text string) string {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Minute))
	_, _ = io.WriteString(conn, text) // the exchange may have closed it already
	var got strings.Builder
	for b := make([]byte, 4<<10); !strings.Contains(got.String(), healthy); {
		n, err := conn.Read(b)
		got.Write(b[:n])
		if err != nil {
			break
		}
	}
	return got.String()
}

// What a proxy would add is not believed from a client.
func TestForwardedHeadersAreNotBelieved(t *testing.T) {
	g := newGround(t)
	for name, v := range map[string]string{"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-Ip": "127.0.0.1", "X-Account": "1",
		"X-Http-Method-Override": "DELETE", "X-Original-Url": "/api/admin/accounts", "X-Rewrite-Url": "/api/admin/accounts"} {
		a := g.do(route("getAccount"), request{header: map[string]string{"Authorization": "", name: v}})
		if a.status != 401 {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
		if a := g.do(route("listMarkets"), request{header: map[string]string{name: v}}); a.status != 200 || !strings.HasPrefix(a.body, `{"markets":[`) {
			t.Errorf("%s: %d %s", name, a.status, a.body)
		}
	}
}
