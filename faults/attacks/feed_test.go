package attacks

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gobwas/ws"
	"github.com/gobwas/ws/wsutil"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/feed"
	"github.com/hustings/hustings/node"
)

// guarded are the operations that need a credential, and what of the others needs one.
func guarded(g *ground) map[*feed.Operation]string {
	all := map[*feed.Operation]string{}
	for i, o := range feed.Operations() {
		if o.Need != api.NeedNothing {
			all[&feed.Operations()[i]] = ""
		}
	}
	subscribe := operation("subscribe")
	all[subscribe] = g.text(subscribe, map[string]string{"channels": `["account"]`})
	return all
}

// Every operation with every kind of credential that is not enough for it: shown on connecting, sent later, or over meanwhile.
func TestFeedCredentials(t *testing.T) {
	g := newGround(t, manyRequests)
	before := g.count()
	operations := guarded(g)
	text := func(o *feed.Operation) string {
		if s := operations[o]; s != "" {
			return s
		}
		return g.text(o, nil)
	}
	key := g.ada.key
	bad := map[string]string{
		"malformed": "pm_xyz", "cut": key[:len(key)-1], "longer": key + "A", "other prefix": "xx_" + key[3:], "a space before": " " + key,
		"other case": strings.ToUpper(key), "two": key + ", Bearer " + key, "long": strings.Repeat("pm_", 2_000), "unknown": "pm_" + strings.Repeat("A", 43),
		"revoked": g.ada.revoked, "operator's": g.AdminKey(), "expired": g.expired(),
	}
	auth := operation("auth")
	var first string
	alike := func(kind, body string) {
		t.Helper()
		if first == "" {
			first = body
		}
		if body != first {
			t.Errorf("%s is answered differently:\n%s\n%s", kind, body, first)
		}
	}
	for kind, secret := range bad {
		if s, status := g.upgrade(http.Header{"Authorization": {"Bearer " + secret}}); s != nil || status != 401 {
			t.Errorf("%s on connecting: %d", kind, status)
		}
		s := g.connect("")
		a := s.do(auth, g.text(auth, map[string]string{"secret": fmt.Sprintf("%q", secret)}))
		if a.status != 401 {
			t.Errorf("%s sent later: %d %s", kind, a.status, a.body)
		}
		alike(kind, a.body)
		for o := range operations {
			if a := s.do(o, text(o)); a.code() != "unauthenticated" {
				t.Errorf("%s, %s: %d %s", o.Name, kind, a.status, a.body)
			}
		}
	}
	for _, header := range []http.Header{{"Authorization": {"Basic " + key}}, {"Authorization": {key}}, {"Authorization": {"Bearer " + key, "Bearer " + key}}} {
		if s, status := g.upgrade(header); s != nil || status != 401 {
			t.Errorf("%v on connecting: %d", header, status)
		}
	}

	reading := g.connect(g.ada.reading)
	for o := range operations {
		if a := reading.do(o, text(o)); o.Need == api.NeedTrade && a.code() != "forbidden" || o.Need != api.NeedTrade && a.status != 200 {
			t.Errorf("%s, a key that may only read: %d %s", o.Name, a.status, a.body)
		}
	}

	for kind, begin := range map[string]func(try int) (secret string, end func()){
		"revoked": func(int) (string, func()) {
			made := take[api.KeyAnswer](g, "createKey", request{token: g.ada.session, body: `{}`})
			return made.Secret, func() {
				take[api.KeyRevoked](g, "revokeKey", request{token: g.ada.session, ids: map[string]string{"key": made.Key.String()}})
			}
		},
		"logged out": func(int) (string, func()) {
			secret := take[api.KeyAnswer](g, "login", request{body: `{"name":"ada","password":"correct horse battery"}`}).Secret
			return secret, func() { take[api.KeyRevoked](g, "logout", request{token: secret}) }
		},
		"another password": func(int) (string, func()) {
			secret := take[api.KeyAnswer](g, "login", request{body: `{"name":"ada","password":"correct horse battery"}`}).Secret
			return secret, func() {
				take[api.AccountAnswer](g, "setPassword", request{token: g.ada.session, body: `{"current":"correct horse battery","new":"correct horse battery"}`})
			}
		},
		"expired": func(try int) (string, func()) { // there must be time to connect before
			secret := g.expiring(time.Second << try)
			return secret, func() { g.untilRefused(secret) }
		},
	} {
		open := map[*feed.Operation]*socket{}
		for try := 0; len(open) < len(operations) && try < 10; try++ {
			secret, end := begin(try)
			clear(open)
			for o := range operations {
				if s, _ := g.upgrade(http.Header{"Authorization": {"Bearer " + secret}}); s != nil {
					open[o] = s
				}
			}
			end()
		}
		for o, s := range open {
			if a := s.do(o, text(o)); a.code() != "unauthenticated" && a.status != ended && o.Need == api.NeedTrade {
				t.Errorf("%s, a credential that is %s in mid-session: %d %s", o.Name, kind, a.status, a.body)
			}
			for m := s.hear(); m.Type != ""; m = s.hear() { // until the exchange ends the connection
				if m.Type == "account" && strings.Contains(m.raw, `"order":{`) {
					t.Errorf("a credential that is %s in mid-session: %s", kind, m.raw)
				}
			}
		}
	}
	if o := take[api.Order](g, "getOrder", request{token: g.ada.key}); o.Status != api.StatusOpen || o.Version != 1 {
		t.Errorf("ada's order was touched: %+v", o)
	}
	names := []string{}
	for o := range operations {
		names = append(names, "/ws "+o.Name)
	}
	g.coveredNames("credentials", "operations of /ws", append(names, "/ws auth"), before)
}

// What is another's is answered exactly like what there is not, and nothing of it is heard.
func TestFeedOtherPeoplesThings(t *testing.T) {
	g := newGround(t, manyRequests)
	before := g.count()
	eve := g.connect(g.eve.key)
	own := []string{"order", "group"}
	var names []string
	for i := range feed.Operations() {
		o := &feed.Operations()[i]
		for _, name := range own {
			if !slices.Contains(o.Fields, name) {
				continue
			}
			names = append(names, "/ws "+o.Name)
			key := g.field(o, "key")
			theirs := eve.do(o, g.text(o, map[string]string{"key": key, "if_match": ""}))
			nobodys := eve.do(o, g.text(o, map[string]string{"key": g.field(o, "key"), "if_match": "", name: `"77"`}))
			if theirs.status != 404 || theirs.unrecorded() != nobodys.unrecorded() {
				t.Errorf("%s of another's %s: %d %s\nbut of nobody's %d %s", o.Name, name, theirs.status, theirs.body, nobodys.status, nobodys.body)
			}
		}
	}
	batch := operation("batch")
	cancel := func(order string) string {
		body := fmt.Sprintf(`{"cancels":[{"market":%q,"order":%q}]}`, g.things["market"], order)
		a := eve.do(batch, g.text(batch, map[string]string{"body": body}))
		return a.unrecorded()
	}
	if a, b := cancel(g.things["order"]), cancel("77"); !strings.Contains(a, "order_not_found") || drop(a) != drop(b) {
		t.Errorf("a batch cancels another's order: %s\nand nobody's: %s", a, b)
	}
	if a := eve.do(operation("cancel_all"), `{"op":"cancel_all"}`); a.status != 200 {
		t.Errorf("%d %s", a.status, a.body)
	}
	if a := eve.do(operation("auth"), fmt.Sprintf(`{"op":"auth","secret":%q}`, g.ada.key)); a.code() != "forbidden" {
		t.Errorf("a connection becomes another account's: %d %s", a.status, a.body)
	}
	if o := take[api.Order](g, "getOrder", request{token: g.ada.key}); o.Status != api.StatusOpen || o.Version != 1 {
		t.Errorf("ada's order was touched: %+v", o)
	}

	// All that concerns eve comes in the order of the journal, so what is ada's would come before what is hers.
	if a := eve.do(operation("subscribe"), `{"op":"subscribe","channels":["account"]}`); a.status != 200 {
		t.Fatalf("%d %s", a.status, a.body)
	}
	place := func(p *person) string {
		return take[api.OrderAnswer](g, "placeOrder", request{token: p.key, body: `{"outcome":"yes","side":"buy","price":"0.1","quantity":1}`}).Order.String()
	}
	theirs, hers := `"order":"`+place(&g.ada)+`"`, `"order":"`+place(&g.eve)+`"`
	for heard := false; !heard; {
		m := eve.hear()
		if heard = strings.Contains(m.raw, hers); m.Type == "" || strings.Contains(m.raw, theirs) || strings.Contains(m.raw, g.things["order"]) {
			t.Fatalf("eve hears %q", m.raw)
		}
	}
	g.coveredNames("other people's things", "operations of /ws", append(names, "/ws batch"), before)
}

// A field of another operation, one that nobody asked for, one that is there twice or in another case, and null are refused.
func TestFeedMassAssignment(t *testing.T) {
	g := newGround(t, manyRequests)
	before := g.count()
	s := g.connect(g.ada.key)
	refused := func(o *feed.Operation, text, code string) {
		t.Helper()
		if a := s.do(o, text); a.status != 400 || a.code() != code {
			t.Errorf("%s: %d %s for %s, not %s", o.Name, a.status, a.body, text[:min(len(text), 100)], code)
		}
	}
	known := map[string]*feed.Operation{}
	for i := range feed.Operations() {
		for _, name := range feed.Operations()[i].Fields {
			known[name] = &feed.Operations()[i]
		}
	}
	for i := range feed.Operations() {
		o := &feed.Operations()[i]
		for _, name := range []string{"account", "admin", "force", "__proto__", "constructor", "", "market "} {
			refused(o, g.text(o, nil, fmt.Sprintf("%q:1", name)), "unknown_field")
		}
		for name, of := range known {
			if !slices.Contains(o.Fields, name) {
				refused(o, g.text(o, nil, fmt.Sprintf("%q:%s", name, g.field(of, name))), "unknown_field")
			}
		}
		for _, name := range o.Fields {
			v := g.field(o, name)
			refused(o, g.text(o, nil, fmt.Sprintf("%q:%s", name, v)), "duplicate_field")
			refused(o, g.text(o, nil, fmt.Sprintf(`"\u%04x%s":%s`, name[0], name[1:], v)), "duplicate_field")
			refused(o, g.text(o, map[string]string{name: ""}, fmt.Sprintf("%q:%s", strings.ToUpper(name), v)), "unknown_field")
			refused(o, g.text(o, map[string]string{name: "null"}), "invalid_field")
		}
		refused(o, g.text(o, nil, g.text(o, nil)[1:len(g.text(o, nil))-1]), "duplicate_field")
		for _, text := range []string{``, `[]`, `"x"`, `1`, `{}{}`, `{"op":`, strings.Repeat("[", 20_000)} {
			refused(o, text, "malformed_json")
		}
	}
	refused(operation("ping"), `{}`, "invalid_field")
	refused(operation("ping"), `null`, "invalid_field")
	refused(operation("ping"), strings.Repeat(`{"a":`, 10_000), "unknown_field")
	refused(operation("ping"), `{"op":"Ping"}`, "invalid_field")
	refused(operation("subscribe"), `{"op":"subscribe","channels":["book"],"markets":["1"],"resume":[{"market":"1","channel":"book","epoch":0,"seq":"1","x":1}]}`, "unknown_field")
	g.coveredNames("mass assignment", "operations of /ws", namesOf(feed.Operations()), before)
}

// Numbers, texts and flags that are not what they look like, in every field of every operation and of every body.
func TestFeedValues(t *testing.T) {
	g := newGround(t, manyRequests)
	before, tried := g.count(), 0
	s := g.connect(g.ada.key)
	taken := func(o *feed.Operation, name string, v value, text string) {
		t.Helper()
		tried++
		a := s.do(o, text)
		if a.status == ended {
			t.Fatalf("%s: the connection ends for %s as %s: %s", o.Name, v.raw[:min(len(v.raw), 60)], name, a.body)
		}
		if a.status < 400 && !v.taken {
			t.Errorf("%s: %s was taken for %s: %s", o.Name, v.raw[:min(len(v.raw), 60)], name, a.body)
		}
	}
	for i := range feed.Operations() {
		o := &feed.Operations()[i]
		for _, name := range o.Fields {
			var list []value
			wrap := func(raw string) string { return raw }
			switch name {
			case "market", "order", "group":
				list = decimals
			case "min_seq": // what can be read waits until it is there
				list = slices.DeleteFunc(slices.Clone(decimals), func(v value) bool { return v.taken })
			case "markets":
				list, wrap = decimals, func(raw string) string { return "[" + raw + "]" }
			case "conflate_ms":
				list = whole
			case "all", "enabled":
				list = flags
			case "resume":
				list, wrap = decimals, func(raw string) string { return `[{"market":` + raw + `,"channel":"book","epoch":0,"seq":"1"}]` }
			case "after", "up_to":
				list, wrap = whole, func(raw string) string { return `{"epoch":` + raw + `,"seq":"1"}` }
			case "body":
				continue // below
			default:
				list = texts
			}
			for _, v := range list {
				taken(o, name, v, g.text(o, map[string]string{name: wrap(v.raw)}))
			}
		}
		if o.Route == "" || !slices.Contains(o.Fields, "body") {
			continue
		}
		r := g.routeOf(o)
		values, _ := places(reflect.TypeOf(r.Request))
		for _, place := range values {
			for _, v := range listFor(place.typ) {
				taken(o, place.String(), v, g.text(o, map[string]string{"body": string(put(t, g.example(r), place.path, v.raw))}))
			}
		}
	}
	ping := operation("ping")
	for _, v := range []value{{`"` + strings.Repeat("x", 64) + `"`, true}, {`"` + strings.Repeat("x", 65) + `"`, false}, {`1`, false}, {`null`, false}, {`"\ud800"`, false}} {
		taken(ping, "id", v, g.text(ping, map[string]string{"id": v.raw}))
	}
	for _, market := range []string{"4294967297", "18446744073709551615"} { // not that of its lower bits
		id := g.things["market"]
		for op, text := range map[string]string{
			"subscribe": `{"op":"subscribe","channels":["status"],"markets":[%q]}`, "retransmit": `{"op":"retransmit","market":%q,"channel":"book","after":{"epoch":0,"seq":"1"}}`,
		} {
			if a := s.do(operation(op), fmt.Sprintf(text, market)); a.code() != "market_not_found" {
				t.Errorf("%s of market %s, there is %s: %d %s", op, market, id, a.status, a.body)
			}
		}
	}
	for line := range strings.Lines(g.log.String()) {
		if strings.HasPrefix(line, injected) {
			t.Errorf("a text made a line of the log: %s", line)
		}
	}
	t.Logf("%d bad values", tried)
	g.coveredNames("numbers, texts, flags", "operations of /ws", namesOf(feed.Operations()), before)
}

// Frames that are none, too large, too many or of another kind end their connection, with the reason, and nobody else's.
func TestFeedFrames(t *testing.T) {
	g := newGround(t)
	other := g.connect("")
	frame := func(op ws.OpCode, fin bool, payload string) []byte {
		return ws.MustCompileFrame(ws.MaskFrameInPlace(ws.NewFrame(op, fin, []byte(payload))))
	}
	reserved := frame(ws.OpText, true, "{}")
	reserved[0] |= 0x40
	unknown := frame(ws.OpCode(3), true, "{}")
	long := frame(ws.OpText, true, "{}")
	long = append([]byte{long[0], 0x80 | 127, 0, 0, 0, 1, 0, 0, 0, 0, 1, 2, 3, 4}, "{}"...) // 4 GiB are announced
	minus := append([]byte{0x81, 0x80 | 127, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4}, "{}"...)
	many := func(one []byte) []byte { return slices.Repeat(one, 1_000) }
	half := strings.Repeat(" ", 40<<10)
	for name, attack := range map[string]struct {
		bytes []byte
		code  ws.StatusCode
	}{
		"not masked":               {ws.MustCompileFrame(ws.NewTextFrame([]byte(`{"op":"ping"}`))), ws.StatusProtocolError},
		"reserved bits":            {reserved, ws.StatusProtocolError},
		"an unknown kind":          {unknown, ws.StatusProtocolError},
		"goes on from nothing":     {frame(ws.OpContinuation, true, "{}"), ws.StatusProtocolError},
		"two beginnings":           {append(frame(ws.OpText, false, "{"), frame(ws.OpText, true, "}")...), ws.StatusProtocolError},
		"a ping in pieces":         {frame(ws.OpPing, false, ""), ws.StatusProtocolError},
		"a ping of 126 bytes":      {frame(ws.OpPing, true, half[:126]), ws.StatusProtocolError},
		"a length below zero":      {minus, ws.StatusProtocolError},
		"binary":                   {frame(ws.OpBinary, true, "{}"), ws.StatusUnsupportedData},
		"a byte too many":          {frame(ws.OpText, true, strings.Repeat(" ", 64<<10+1)), ws.StatusMessageTooBig},
		"too many bytes in pieces": {append(frame(ws.OpText, false, half), frame(ws.OpContinuation, true, half)...), ws.StatusMessageTooBig},
		"4 GiB are announced":      {long, ws.StatusMessageTooBig},
		"a flood of pings":         {many(frame(ws.OpPing, true, "x")), ws.StatusPolicyViolation},
		"a flood of pongs":         {many(frame(ws.OpPong, true, "")), ws.StatusPolicyViolation},
		"a flood of requests":      {many(frame(ws.OpText, true, `{"op":"ping"}`)), ws.StatusPolicyViolation},
		"a flood of nothing":       {many(frame(ws.OpText, true, ``)), ws.StatusPolicyViolation},
		"a flood of pieces":        {append(frame(ws.OpText, false, "{"), many(frame(ws.OpContinuation, false, ""))...), ws.StatusPolicyViolation},
	} {
		s := g.connect("")
		_ = s.SetWriteDeadline(time.Now().Add(patience))
		_, _ = s.Write(attack.bytes) // it may have been closed in the middle
		code, reason := s.closed()
		if flood := attack.code == ws.StatusPolicyViolation; flood && code == 0 {
			continue // what was not read any more had the connection reset before the reason was seen
		}
		if code != attack.code || reason == "" {
			t.Errorf("%s: closed with %d %q, not %d", name, code, reason, attack.code)
		}
	}
	for _, text := range []string{"\xff", `{"op":"` + "\xed\xa0\x80" + `"}`, "{\x00}\x00", "\xef\xbb\xbf{}"} {
		if a := other.do(operation("ping"), text); a.code() != "malformed_json" {
			t.Errorf("%q: %d %s", text, a.status, a.body)
		}
	}
	if a := other.do(operation("ping"), `{"op":"ping"}`); a.status != 200 {
		t.Errorf("somebody else's connection: %d %s", a.status, a.body)
	}
}

// closed reads until the connection ends, and returns why; 0 if the exchange does not say.
func (s *socket) closed() (ws.StatusCode, string) {
	s.g.t.Helper()
	_ = s.SetReadDeadline(time.Now().Add(patience))
	for {
		f, err := ws.ReadFrame(s.Conn)
		if err != nil {
			return 0, err.Error()
		}
		if f.Header.OpCode == ws.OpClose {
			return ws.ParseCloseFrameData(f.Payload)
		}
	}
}

// Pages elsewhere may not connect, and a request that is not for a WebSocket opens none.
func TestFeedUpgrades(t *testing.T) {
	g := newGround(t, func(c *node.Config) { c.Feed.Origins = []string{"https://trade.example"} })
	addr := g.Addr()
	for origin, want := range map[string]int{
		"": 101, "http://" + addr: 101, "https://trade.example": 101, "HTTPS://TRADE.EXAMPLE": 101,
		"https://elsewhere.example": 403, "null": 403, "https://trade.example.elsewhere.example": 403, "https://trade.example:444": 403, "http://trade.example": 403,
		"https://trade.example/": 403, "http://127.0.0.1": 403, "http://127.0.0.1:1": 403, "https://xtrade.example": 403, "*": 403, "file://": 403, "http://%zz": 403,
	} {
		header := http.Header{}
		if origin != "" {
			header.Set("Origin", origin)
		}
		if _, status := g.upgrade(header); status != want {
			t.Errorf("from %q: %d, not %d", origin, status, want)
		}
	}
	good := map[string]string{"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
	for name, change := range map[string]map[string]string{
		"no upgrade": {"Upgrade": ""}, "another protocol": {"Upgrade": "h2c"}, "no connection": {"Connection": ""}, "no key": {"Sec-WebSocket-Key": ""},
		"a short key": {"Sec-WebSocket-Key": "AAAA"}, "an old version": {"Sec-WebSocket-Version": "8"}, "no version": {"Sec-WebSocket-Version": ""},
		"a POST": {"method": "POST"}, "a HEAD": {"method": "HEAD"}, "a CONNECT": {"method": "OPTIONS"}, "another encoding": {"query": "?encoding=xml"},
		"elsewhere": {"path": "/ws/other"}, "a slash": {"path": "/ws/"}, "two slashes": {"path": "//ws"}, "dots": {"path": "/api/../ws"},
	} {
		of := func(name, otherwise string) string {
			if v, ok := change[name]; ok {
				return v
			}
			return otherwise
		}
		var b strings.Builder
		fmt.Fprintf(&b, "%s %s%s HTTP/1.1\r\nHost: x\r\n", of("method", "GET"), of("path", feed.Path), of("query", ""))
		for k, v := range good {
			if v = of(k, v); v != "" {
				fmt.Fprintf(&b, "%s: %s\r\n", k, v)
			}
		}
		b.WriteString("\r\nGET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(patience))
		_, _ = io.WriteString(conn, b.String())
		got, err := io.ReadAll(conn) // the connection ends, with the refusal or with the answer to what follows it
		if status, _, _ := strings.Cut(string(got), "\r\n"); errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(status, "HTTP/1.1 4") {
			t.Errorf("%s: %q, then %v", name, status, err)
		}
		conn.Close()
	}
}

// A connection has so many subscriptions and no more, whatever it does to get them, and a request for more does nothing.
func TestFeedSubscriptionsAreCapped(t *testing.T) {
	const most = 4
	g := newGround(t, func(c *node.Config) { c.Feed.MaxSubscriptions = most })
	s := g.connect("")
	subscribe, unsubscribe := operation("subscribe"), operation("unsubscribe")
	market, spare := g.things["market"], g.things["spare"]
	ask := func(channels, markets string) answer {
		return s.do(subscribe, fmt.Sprintf(`{"op":"subscribe","channels":[%s],"markets":[%s]}`, channels, markets))
	}
	if a := ask(`"book","trades","ticker"`, `"`+market+`","`+spare+`"`); a.code() != "too_many_subscriptions" {
		t.Errorf("6 at once: %d %s", a.status, a.body)
	}
	if a := s.do(subscribe, `{"op":"subscribe","channels":["book","trades","ticker"],"all":true}`); a.code() != "too_many_subscriptions" {
		t.Errorf("6 at once, as all: %d %s", a.status, a.body)
	}
	if a := ask(`"book","book","book"`, `"`+strings.Repeat(market+`","`, 1_000)+market+`"`); a.code() != "too_many_subscriptions" {
		t.Errorf("the same again and again: %d %s", a.status, a.body)
	}
	for _, channel := range []string{"book", "trades", "ticker", "status"} {
		if a := ask(`"`+channel+`"`, `"`+market+`"`); a.status != 200 {
			t.Errorf("%s: %d %s", channel, a.status, a.body)
		}
	}
	if a := ask(`"book"`, `"`+spare+`"`); a.code() != "too_many_subscriptions" {
		t.Errorf("a fifth: %d %s", a.status, a.body)
	}
	a := s.do(unsubscribe, `{"op":"unsubscribe","channels":["book","trades","ticker","status"],"all":true}`)
	if want := fmt.Sprintf(`"count":%d`, most); !strings.Contains(a.body, want) {
		t.Errorf("it had other ones than %d: %s", most, a.body)
	}
}

// A herd that does nothing takes the places there are and no more; those who are in are served, and when it has gone there is room.
func TestFeedIdleHerd(t *testing.T) {
	const most = 200
	g := newGround(t, func(c *node.Config) { c.Feed.MaxConnections = most })
	working := g.connect(g.ada.key)
	var herd []*socket
	for range most - 1 {
		herd = append(herd, g.connect(""))
	}
	for range 20 {
		if s, status := g.upgrade(nil); s != nil || status != 503 {
			t.Fatalf("one more than %d: %d", most, status)
		}
	}
	place := operation("place")
	if a := working.do(place, g.text(place, nil)); a.status != 201 {
		t.Errorf("an order beside the herd: %d %s", a.status, a.body)
	}
	take[api.Portfolio](g, "getPortfolio", request{token: g.ada.key})
	for _, s := range herd {
		_ = wsutil.WriteClientMessage(s.Conn, ws.OpClose, nil)
		s.Close()
	}
	for deadline := time.Now().Add(patience); ; {
		if s, _ := g.upgrade(nil); s != nil {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("there is no room when the herd has gone")
		}
	}
}
