package gateway

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hustings/hustings/api"
)

// started serves a site on real sockets.
type started struct {
	*site
	public, admin string
	stop          context.CancelFunc
	done          chan error
}

func serveSite(t *testing.T, s *site) *started {
	t.Helper()
	listen := func() net.Listener {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		return l
	}
	public, admin := listen(), listen()
	ctx, stop := context.WithCancel(context.Background())
	r := &started{site: s, public: public.Addr().String(), admin: admin.Addr().String(), stop: stop, done: make(chan error, 1)}
	go func() { r.done <- s.server.Serve(ctx, public, admin, 5*time.Second) }()
	t.Cleanup(func() { stop() })
	return r
}

// raw sends bytes on a connection of its own and returns the status line and the rest of the answer.
func (s *started) raw(t *testing.T, request string) (status, rest string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.public)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(10 * time.Second))
	go io.WriteString(conn, request) // the server may close before it has read all
	b, _ := io.ReadAll(bufio.NewReader(conn))
	status, rest, _ = strings.Cut(string(b), "\r\n")
	return status, rest
}

func TestServeAndDrain(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	s := serveSite(t, newSite(t, func(c *Config) { c.DrainDelay = 300 * time.Millisecond }))
	get := func(addr, path string) (int, string) {
		resp, err := http.Get("http://" + addr + path)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		return resp.StatusCode, string(b)
	}
	for _, addr := range []string{s.public, s.admin} {
		for path, want := range map[string]string{"/livez": `"ok"`, "/health": `"ok"`, "/matching/health": `"ok"`, "/readyz": `"ready"`, "/version": `"test"`} {
			if status, body := get(addr, path); status != 200 || !strings.Contains(body, want) {
				t.Errorf("%s%s: %d %s", addr, path, status, body)
			}
		}
	}
	if status, body := get(s.admin, "/metrics"); status != 200 || !strings.Contains(body, "hustings_http_unrouted_total") {
		t.Errorf("metrics: %d %s", status, body)
	}
	s.stop()
	for status := 200; status != 503; status, _ = get(s.public, "/readyz") {
	}
	if status, body := get(s.public, "/matching/health"); status != 503 || !strings.Contains(body, "draining") {
		t.Errorf("the order path while draining: %d %s", status, body)
	}
	if status, _ := get(s.public, "/api/markets"); status != 200 {
		t.Errorf("a request while draining: %d", status)
	}
	if status, _ := get(s.public, "/health"); status != 200 {
		t.Errorf("health while draining: %d", status)
	}
	if err := <-s.done; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", s.public); err == nil {
		t.Error("the listener is still open")
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestReadinessNoticesALag(t *testing.T) {
	s := newSite(t)
	s.lag.Store(true)
	s.market("")
	if w := s.do(ask{method: "GET", path: "/readyz"}); w.Code != 503 || !strings.Contains(w.Body.String(), "lags") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	s.catchUp()
	if w := s.do(ask{method: "GET", path: "/readyz"}); w.Code != 200 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestHostileConnections(t *testing.T) {
	s := serveSite(t, newSite(t))
	const host = "Host: x\r\nConnection: close\r\n"
	headers := func(n int, each string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, each, i)
		}
		return b.String()
	}
	post := "POST /api/register HTTP/1.1\r\n" + host + "Content-Type: application/json\r\n"
	body := `{"name":"eve","password":"correct horse"}`
	tests := map[string]struct{ request, status string }{
		"10,000 headers":      {"GET /api/markets HTTP/1.1\r\n" + host + headers(10_000, "X-%d: y\r\n") + "\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"long header":         {"GET /api/markets HTTP/1.1\r\n" + host + "X: " + strings.Repeat("y", 40_000) + "\r\n\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"two lengths":         {post + "Content-Length: 5\r\nContent-Length: 6\r\n\r\n" + body, "HTTP/1.1 400 Bad Request"},
		"negative length":     {post + "Content-Length: -5\r\n\r\n" + body, "HTTP/1.1 400 Bad Request"},
		"signed length":       {post + "Content-Length: +5\r\n\r\n" + body, "HTTP/1.1 400 Bad Request"},
		"odd encoding":        {post + "Transfer-Encoding: gzip, chunked\r\n\r\n" + body, "HTTP/1.1 501 Not Implemented"},
		"length and encoding": {post + "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		"no host":             {"GET /api/markets HTTP/1.1\r\n\r\n", "HTTP/1.1 400 Bad Request: missing required Host header"},
		"huge length":         {post + "Content-Length: 1000000000\r\n\r\n" + body, "HTTP/1.1 413 Request Entity Too Large"},
		"chunks without end":  {post + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("ffff\r\n"+strings.Repeat("x", 0xffff)+"\r\n", 6), "HTTP/1.1 413 Request Entity Too Large"},
		"chunked":             {post + "Transfer-Encoding: chunked\r\n\r\n29\r\n" + body + "\r\n0\r\n\r\n", "HTTP/1.1 201 Created"},
		"asterisk":            {"OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "HTTP/1.1 404 Not Found"},
		"101 headers":         {"GET /api/markets HTTP/1.1\r\n" + host + headers(100, "X-%d: y\r\n") + "\r\n", "HTTP/1.1 431 Request Header Fields Too Large"},
		"name with a space":   {post + "Content-Length : 41\r\n\r\n" + body, "HTTP/1.1 400 Bad Request: invalid header name"},
		"folded header":       {post + "X: y\r\n Content-Length: 41\r\n\r\n" + body, "HTTP/1.1 400 Bad Request"},
		"bare line feeds":     {"GET /api/markets HTTP/1.1\nHost: x\nX: y\rContent-Length: 5\nConnection: close\n\n", "HTTP/1.1 400 Bad Request"},
		"two encodings":       {post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 501 Not Implemented"},
		"bad chunk":           {post + "Transfer-Encoding: chunked\r\n\r\n0x29\r\n" + body + "\r\n0\r\n\r\n", "HTTP/1.1 400 Bad Request"},
		"compressed":          {post + "Content-Encoding: gzip\r\nContent-Length: 41\r\n\r\n" + body, "HTTP/1.1 415 Unsupported Media Type"},
		"HTTP/2":              {"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 404 Not Found"},
		"upgrade to HTTP/2":   {"GET /health HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n", "HTTP/1.1 200 OK"},
		"spoofed":             {"GET /api/account HTTP/1.1\r\n" + host + "X-Forwarded-For: 127.0.0.1\r\nX-Account: 1\r\n\r\n", "HTTP/1.1 401 Unauthorized"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if status, rest := s.raw(t, test.request); status != test.status {
				t.Errorf("%q\n%s", status, rest[:min(len(rest), 300)])
			}
		})
	}
}

// One connection more than allowed waits until another one has gone.
func TestConnectionCap(t *testing.T) {
	s := serveSite(t, newSite(t, func(c *Config) { c.MaxConns = 1 }))
	dial := func() net.Conn {
		c, err := net.Dial("tcp", s.public)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	answered := func(c net.Conn, within time.Duration) bool {
		c.SetReadDeadline(time.Now().Add(within))
		b := make([]byte, 12)
		_, err := io.ReadFull(c, b)
		return err == nil && string(b) == "HTTP/1.1 200"
	}
	const request = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n"
	first, second := dial(), dial()
	defer second.Close()
	io.WriteString(first, request)
	if !answered(first, 5*time.Second) {
		t.Fatal("the first connection got no answer")
	}
	io.WriteString(second, request)
	if answered(second, 50*time.Millisecond) {
		t.Error("the second connection got an answer")
	}
	first.Close()
	if !answered(second, 5*time.Second) {
		t.Error("the second connection got no answer when there was room")
	}
}

func TestMetricsAndAccessLog(t *testing.T) {
	s := newSite(t, func(c *Config) { c.AccessLog = true })
	ada := s.trader("ada", "100")
	m := s.market("")
	s.place(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1}`)
	s.tryPlace(ada, m, `{"outcome":"yes","side":"buy","price":"0.5","quantity":1000}`)
	s.do(ask{method: "GET", path: "/api/markets/1%0Alevel=ERROR"})
	s.do(ask{method: "GET", path: "/nowhere"})
	page := s.do(ask{method: "GET", path: "/metrics"}).Body.String()
	for _, line := range []string{
		`hustings_http_requests_total{route="placeOrder",status="201"} 1`,
		`hustings_http_requests_total{route="placeOrder",status="402"} 1`,
		`hustings_http_stage_seconds_count{route="placeOrder",stage="read"} 2`,
		`hustings_http_stage_seconds_count{route="placeOrder",stage="submit"} 2`,
		`hustings_http_stage_seconds_count{route="placeOrder",stage="answer"} 2`,
		`hustings_http_stage_seconds_count{route="getMarket",stage="total"} 1`,
		`hustings_http_unrouted_total 1`,
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("no %s in\n%s", line, page)
		}
	}
	log := s.log.String()
	if !strings.Contains(log, "route=placeOrder") || !strings.Contains(log, "code=insufficient_funds") {
		t.Errorf("the log says %s", log)
	}
	if strings.Contains(log, "\nlevel=ERROR") || strings.Contains(log, ada.token) || strings.Contains(log, adminKey) {
		t.Errorf("the log has what it should not: %s", log)
	}
}

func TestConfigIsChecked(t *testing.T) {
	c := newCore(t)
	for _, cfg := range []Config{{}, {Submitter: c, Reader: c.view, History: c}, {Submitter: c, Reader: c.view, History: c, AdminKey: []byte("short")}} {
		if _, err := New(cfg); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
}

// The table of routes and that of handlers are about the same operations.
func TestEveryHandlerHasARoute(t *testing.T) {
	routes := map[string]bool{}
	for _, r := range api.Routes() {
		routes[r.Name] = true
	}
	for name := range handlers {
		if !routes[name] {
			t.Errorf("nothing leads to the handler %s", name)
		}
	}
}
