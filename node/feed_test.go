package node_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client"
	"github.com/hustings/hustings/feed/message"
)

// socket is a connection to the feed that checks nothing by itself.
type socket struct {
	t *testing.T
	net.Conn
}

func connect(t *testing.T, addr, token string) *socket {
	t.Helper()
	return connectTo(t, "ws://"+addr+"/ws", token)
}

func connectTo(t *testing.T, url, token string) *socket {
	t.Helper()
	d := ws.Dialer{Timeout: time.Minute}
	if token != "" {
		d.Header = ws.HandshakeHeaderHTTP(http.Header{"Authorization": {"Bearer " + token}})
	}
	conn, _, _, err := d.Dial(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(2 * time.Minute))
	return &socket{t, conn}
}

func (s *socket) say(format string, args ...any) {
	s.t.Helper()
	if err := wsutil.WriteClientText(s.Conn, fmt.Appendf(nil, format, args...)); err != nil {
		s.t.Fatal(err)
	}
}

// hear returns the next message of a type, with what is at a path of its fields as text.
func (s *socket) hear(kind string, path ...string) string {
	s.t.Helper()
	for {
		b, _, err := wsutil.ReadServerData(s.Conn)
		if err != nil {
			s.t.Fatalf("waiting for a message of type %s: %v", kind, err)
		}
		var m any
		if err := json.Unmarshal(b, &m); err != nil {
			s.t.Fatalf("%s: %v", b, err)
		}
		if m.(map[string]any)["type"] != kind {
			continue
		}
		for _, name := range path {
			m = m.(map[string]any)[name]
		}
		return fmt.Sprint(m)
	}
}

// closed returns the code and reason with which the exchange ends the connection.
func (s *socket) closed() (ws.StatusCode, string) {
	s.t.Helper()
	for {
		_, _, err := wsutil.ReadServerData(s.Conn)
		var closed wsutil.ClosedError
		if errors.As(err, &closed) {
			return closed.Code, closed.Reason
		}
		if err != nil {
			s.t.Fatalf("waiting for the end: %v", err)
		}
	}
}

// own returns the next messages about the account, up to one that is the last of them. All have to be in frames of one kind.
func (s *socket) own(op ws.OpCode, read func([]byte) (message.Message, error), last func(message.Message) bool) (all []message.Message) {
	s.t.Helper()
	for len(all) == 0 || !last(all[len(all)-1]) {
		b, kind, err := wsutil.ReadServerData(s.Conn)
		if err != nil {
			s.t.Fatal(err)
		}
		if strings.HasPrefix(string(b), `{"type":"ack"`) {
			continue
		}
		m, err := read(b)
		if err != nil || kind != op {
			s.t.Fatalf("%q in a frame of kind %x: %v", b, kind, err)
		}
		all = append(all, m)
	}
	return all
}

// What concerns an account is the same in both encodings.
func TestAccountInBothEncodings(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question))
	alice, _ := trader(t, ctx, r.public, "alice")
	bob, paid := trader(t, ctx, r.public, "bobby")
	var reader message.Reader
	var begun, all [2][]message.Message
	sides := []struct {
		*socket
		op   ws.OpCode
		read func([]byte) (message.Message, error)
	}{
		{connectTo(t, "ws://"+r.Addr()+"/ws?encoding=json", alice), ws.OpText, message.ReadJSON},
		{connectTo(t, "ws://"+r.Addr()+"/ws?encoding=binary", alice), ws.OpBinary, reader.Read},
	}
	for i, s := range sides {
		s.say(`{"op":"subscribe","channels":["account"],"min_seq":"%v"}`, max(paid.Seq, market.Seq))
		begun[i] = s.own(s.op, s.read, func(message.Message) bool { return true })
	}
	for _, o := range []api.PlaceOrder{
		{Outcome: api.No, Side: api.Buy, Price: 3_800, Quantity: 10, ClientOrderID: "a-1"},
		{Outcome: api.Yes, Side: api.Sell, Price: 6_300, Quantity: 1, Type: api.TypeLimit, TimeInForce: api.IOC},
	} {
		must[api.OrderAnswer](t)(r.public.As(alice).Place(ctx, market.Market, "", o))
	}
	must[api.OrderAnswer](t)(r.public.As(bob).Place(ctx, market.Market, "", api.PlaceOrder{Outcome: api.Yes, Side: api.Buy, Price: 6_200, Quantity: 10}))
	for i, s := range sides {
		filled := false
		all[i] = s.own(s.op, s.read, func(m message.Message) bool {
			o, is := m.(*message.Order)
			filled = filled || is && o.Order.Status == api.StatusFilled
			_, paid := m.(*message.Balance)
			return filled && paid
		})
	}
	if !reflect.DeepEqual(begun[0], begun[1]) {
		t.Errorf("begun in JSON by %+v, in binary form by %+v", begun[0], begun[1])
	}
	if !reflect.DeepEqual(all[0], all[1]) || len(all[0]) < 6 { // two orders, a fill, the order filled, balances
		t.Errorf("in JSON\n%+v\nand in binary form\n%+v", all[0], all[1])
	}
}

func TestOrdersOverTheFeed(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question)).Market
	alice, paid := trader(t, ctx, r.public, "alice")
	bob, _ := trader(t, ctx, r.public, "bobby")

	a := connect(t, r.Addr(), alice)
	a.say(`{"id":"s","op":"subscribe","channels":["account"],"min_seq":"%v"}`, paid.Seq)
	if cash := a.hear("account", "cash"); cash != "100.0000" {
		t.Errorf("the account begins with %s", cash)
	}
	const order = `{"id":"1","op":"place","market":"%v","body":{"outcome":"no","side":"buy","price":"0.38","quantity":10,"client_order_id":"a-1"}}`
	a.say(order, market)
	a.say(order, market) // the same again: the first answer
	seq := a.hear("answer", "body", "seq")
	if again := a.hear("answer", "body", "seq"); seq != again {
		t.Errorf("the same request was answered with seq %s and seq %s", seq, again)
	}

	a.say(`{"op":"subscribe","channels":["account"],"min_seq":"%s"}`, seq) // anew, now that the order is there
	if held := a.hear("account", "held"); held == "0.0000" {
		t.Error("nothing is held for the order")
	}
	a.say(`{"id":"far","op":"subscribe","channels":["book"],"markets":["%v"],"min_seq":"9000"}`, market)
	if code := a.hear("error", "problem", "code"); code != "not_caught_up" {
		t.Errorf("a subscription to what will come long after now: %s", code)
	}
	b := connect(t, r.Addr(), "")
	b.say(`{"op":"place","market":"%v","body":{}}`, market)
	if code := b.hear("error", "problem", "code"); code != "unauthenticated" {
		t.Errorf("an order of nobody: %s", code)
	}
	b.say(`{"op":"subscribe","channels":["account"]}`)
	if code := b.hear("error", "problem", "code"); code != "unauthenticated" {
		t.Errorf("an account of nobody: %s", code)
	}
	b.say(`{"op":"auth","secret":"pm_wrong"}`)
	if code := b.hear("error", "problem", "code"); code != "unauthenticated" {
		t.Errorf("a wrong secret: %s", code)
	}
	b.say(`{"op":"auth","secret":"%s"}`, bob)
	b.hear("ack")
	b.say(`{"id":"2","op":"place","market":"%v","body":{"outcome":"yes","side":"buy","price":"0.62","quantity":4,"client_order_id":"b-1"}}`, market)
	if filled := b.hear("answer", "body", "filled"); filled != "4" {
		t.Errorf("filled %s of 4", filled)
	}
	if got := a.hear("fill", "fill", "outcome"); got != "no" {
		t.Errorf("the fill is of %s", got)
	}
	if remaining := a.hear("order", "order", "remaining"); remaining != "6" {
		t.Errorf("%s remain of 10 after 4", remaining)
	}
	b.say(`{"op":"place","market":"%v","body":{"outcome":"yes","side":"buy","price":"2","quantity":4,"client_order_id":"b-2"}}`, market)
	if code := b.hear("answer", "body", "code"); code != "price_out_of_range" && code != "invalid_field" {
		t.Errorf("a price of 2: %s", code)
	}
	a.say(`{"op":"cancel_all","key":"all-1"}`)
	if status := a.hear("order", "order", "reason"); status != "mass_cancel" {
		t.Errorf("cancelled because of %s", status)
	}
}

func TestOrdersAreCancelledWhenTheirConnectionEnds(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question)).Market
	alice, _ := trader(t, ctx, r.public, "alice")
	a := connect(t, r.Addr(), alice)
	a.say(`{"op":"cancel_on_disconnect","enabled":true}`)
	a.hear("ack")
	a.say(`{"op":"place","market":"%v","body":{"outcome":"yes","side":"buy","price":"0.30","quantity":10,"client_order_id":"a-1"}}`, market)
	a.hear("answer")
	watcher := connect(t, r.Addr(), alice)
	watcher.say(`{"op":"subscribe","channels":["account"]}`)
	watcher.hear("account")
	a.Close()
	for status := ""; status != api.StatusCancelled; { // that it was placed may come before
		status = watcher.hear("order", "order", "status")
	}
}

func TestRevokedKeyEndsItsConnections(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	alice, _ := trader(t, ctx, r.public, "alice")
	key := must[api.KeyAnswer](t)(r.public.As(alice).CreateKey(ctx, "k", api.CreateKey{Label: "feed", Permissions: []string{api.PermissionRead}}))
	s := connect(t, r.Addr(), key.Secret)
	s.say(`{"op":"subscribe","channels":["account"]}`)
	s.hear("account")
	s.say(`{"op":"cancel_on_disconnect","enabled":true}`)
	if code := s.hear("error", "problem", "code"); code != "forbidden" {
		t.Errorf("a key that may read wants to cancel: %s", code)
	}
	must[[]byte](t)(r.public.As(alice).Send(ctx, client.Request{Method: http.MethodDelete, Path: fmt.Sprintf("/api/keys/%v", key.Key)}))
	if code, reason := s.closed(); code != ws.StatusPolicyViolation || !strings.Contains(reason, "credential") {
		t.Errorf("closed with %d %q", code, reason)
	}
}

// That a connection ends because its key is revoked does not leave the orders that were to end with it.
func TestOrdersAreCancelledWhenTheirKeyIsRevoked(t *testing.T) {
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question)).Market
	alice, _ := trader(t, ctx, r.public, "alice")
	newKey := func(name string, permissions ...string) api.KeyAnswer {
		return must[api.KeyAnswer](t)(r.public.As(alice).CreateKey(ctx, name, api.CreateKey{Label: "feed", Permissions: permissions}))
	}
	key, reading := newKey("k", api.PermissionTrade), newKey("r", api.PermissionRead)
	s := connect(t, r.Addr(), key.Secret)
	s.say(`{"op":"cancel_on_disconnect","enabled":true}`)
	s.hear("ack")
	s.say(`{"op":"place","market":"%v","body":{"outcome":"yes","side":"buy","price":"0.30","quantity":10,"client_order_id":"a-1"}}`, market)
	s.hear("answer")
	s.say(`{"op":"auth","secret":"%s"}`, reading.Secret)
	if code := s.hear("error", "problem", "code"); code != "forbidden" {
		t.Errorf("a key that may only read takes over a connection that cancels: %s", code)
	}
	watcher := connect(t, r.Addr(), alice)
	watcher.say(`{"op":"subscribe","channels":["account"]}`)
	watcher.hear("account")
	must[[]byte](t)(r.public.As(alice).Send(ctx, client.Request{Method: http.MethodDelete, Path: fmt.Sprintf("/api/keys/%v", key.Key)}))
	for status := ""; status != api.StatusCancelled; { // that it was placed may come before
		status = watcher.hear("order", "order", "status")
	}
}

func TestDrainClosesConnections(t *testing.T) {
	r := start(t, configOf(t.TempDir()))
	s := connect(t, r.Addr(), "")
	s.say(`{"op":"ping"}`)
	s.hear("pong")
	ended := make(chan ws.StatusCode)
	go func() {
		code, _ := s.closed()
		ended <- code
	}()
	r.close(t)
	if code := <-ended; code != ws.StatusGoingAway {
		t.Errorf("closed with %d", code)
	}
}

func TestWhoMayConnect(t *testing.T) {
	r := start(t, configOf(t.TempDir()))
	get := func(path string, header http.Header) (int, string) {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.Addr()+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range header {
			req.Header[name] = values
		}
		a, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		body, _ := io.ReadAll(a.Body)
		return a.StatusCode, string(body)
	}
	for _, c := range []struct {
		path   string
		header http.Header
		status int
		body   string
	}{
		{"/ws/health", nil, 200, `"ok"`},
		{"/ws/other", nil, 404, "not_found"},
		{"/ws", nil, 400, "WebSocket"},
		{"/ws?encoding=xml", nil, 400, "invalid_query"},
		{"/ws", http.Header{"Origin": {"https://elsewhere.example"}}, 403, "Origin"},
		{"/ws", http.Header{"Authorization": {"Bearer pm_wrong"}}, 401, "unauthenticated"},
	} {
		if status, body := get(c.path, c.header); status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("%s %v: %d %s", c.path, c.header, status, body)
		}
	}
}

// TestExampleRebuildsTheBook runs the client in another language against a book that changes.
func TestExampleRebuildsTheBook(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 to run examples/feed.py with")
	}
	ctx := bound(t)
	r := start(t, configOf(t.TempDir()))
	market := must[api.MarketAnswer](t)(r.admin.CreateMarket(ctx, "", question)).Market
	alice, _ := trader(t, ctx, r.public, "alice")
	place := func(i int) error {
		_, err := r.public.As(alice).Place(ctx, market, "", api.PlaceOrder{Outcome: []string{api.Yes, api.No}[i%2], Side: api.Buy,
			Price: api.Price(100 + 7*(i%20)), Quantity: 1, ClientOrderID: fmt.Sprintf("a-%d", i)})
		return err
	}
	for i := range 5 {
		if err := place(i); err != nil {
			t.Fatal(err)
		}
	}
	example := exec.CommandContext(ctx, python, "../examples/feed.py", r.Addr(), market.String(), "4")
	var said []byte
	ended := make(chan error, 1)
	go func() {
		var err error
		said, err = example.CombinedOutput()
		ended <- err
	}()
	for i := 5; ; i++ { // the book changes as long as it looks
		if err := place(i); err != nil && ctx.Err() == nil {
			t.Fatal(err)
		}
		select {
		case err := <-ended:
			if err != nil || !strings.Contains(string(said), "\nequal to the order book of the API") {
				t.Errorf("%v: the example says\n%s", err, said)
			}
			return
		case <-time.After(20 * time.Millisecond):
		}
	}
}
