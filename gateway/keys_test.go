package gateway

import (
	"crypto/ed25519"
	"encoding/hex"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/exchange/projection"
	"github.com/hustings/hustings/exchange/wire"
	"github.com/hustings/hustings/signature"
)

// latestRules switches the rules on of which these tests are.
func (s *site) latestRules() {
	s.tb.Helper()
	s.command(&exchange.SwitchRules{Version: exchange.RulesVersion})
}

func (s *site) command(cmd exchange.Command) exchange.Reply {
	s.tb.Helper()
	frame, err := wire.AppendCommand(nil, cmd)
	if err != nil {
		s.tb.Fatal(err)
	}
	var replies [1]exchange.Reply
	if err := s.Submit(s.tb.Context(), frame, 1, replies[:]); err != nil || replies[0].Code != exchange.Accepted {
		s.tb.Fatalf("%T: %v, %v", cmd, replies[0].Code, err)
	}
	return replies[0]
}

// keyFor makes a key of an account, by the operator.
func (s *site) keyFor(who trader, body string) api.KeyAnswer {
	s.tb.Helper()
	return want[api.KeyAnswer](s.tb, 201, s.admin("POST", fmt.Sprintf("/accounts/%d/keys", who.account), body))
}

// ways are requests that want different permissions, from an address.
func (s *site) ways(token, from string) (read, trade, admin int) {
	s.tb.Helper()
	status := func(a ask) int {
		a.token = token
		r, w := a.request(), httptest.NewRecorder()
		r.RemoteAddr = from
		h := s.server.Public()
		if strings.HasPrefix(a.path, "/api/admin/") {
			h = s.server.Admin()
		}
		h.ServeHTTP(w, r)
		return w.Code
	}
	return status(ask{method: "GET", path: "/api/account"}),
		status(ask{method: "DELETE", path: "/api/orders"}),
		status(ask{method: "GET", path: "/api/admin/accounts"})
}

// What a key may do, from where, and for how long.
func TestAttributesOfKeys(t *testing.T) {
	clock := time.Now()
	s := newSite(t, func(c *Config) { c.Now = func() time.Time { return clock } })
	s.latestRules()
	ada := s.trader("ada", "100")
	const any4, any6 = "192.0.2.1:5", "[2001:db8::1]:5"
	for _, c := range []struct {
		body, from         string
		read, trade, admin int
	}{
		{`{}`, any4, 200, 200, 401},
		{`{"permissions":["read"]}`, any4, 200, 403, 401},
		{`{"permissions":["trade"]}`, any4, 200, 200, 401},
		{`{"permissions":["admin"]}`, any4, 403, 403, 200},
		{`{"permissions":["admin","read"]}`, any4, 200, 403, 200},
		{`{"addresses":["192.0.2.1"]}`, any4, 200, 200, 401},
		{`{"addresses":["192.0.2.1"]}`, any6, 403, 403, 401},
		{`{"addresses":["192.0.2.1"]}`, "192.0.2.2:5", 403, 403, 401},
		{`{"addresses":["192.0.2.0/31","2001:db8::/64"]}`, "[2001:db8::ffff]:1", 200, 200, 401},
		{`{"addresses":["192.0.2.0/31","2001:db8::/64"]}`, "[2001:db8:0:1::1]:1", 403, 403, 401},
		{`{"addresses":["192.0.2.1"]}`, "[::ffff:192.0.2.1]:5", 200, 200, 401},
		{`{"addresses":["::ffff:192.0.2.1"]}`, any4, 200, 200, 401},
		{`{"addresses":["::ffff:192.0.2.0/127"]}`, any4, 200, 200, 401},
		{`{"addresses":["0.0.0.0/0"]}`, any4, 200, 200, 401},
		{`{"addresses":["0.0.0.0/0"]}`, any6, 403, 403, 401},
		{`{"permissions":["admin"],"addresses":["192.0.2.1"]}`, any6, 403, 403, 403},
		{`{"addresses":["fe80::1"]}`, "[fe80::1%eth0]:5", 200, 200, 401},
		{`{"addresses":["192.0.2.1"]}`, "@", 403, 403, 401},
	} {
		k := s.keyFor(ada, c.body)
		if read, trade, admin := s.ways(k.Secret, c.from); read != c.read || trade != c.trade || admin != c.admin {
			t.Errorf("%s from %s: %d %d %d, want %d %d %d", c.body, c.from, read, trade, admin, c.read, c.trade, c.admin)
		}
	}
	for _, wrong := range []string{"10.0.0.1/8", "10.0.0.0/33", "::ffff:10.0.0.0/95", "fe80::1%eth0", "10.0.0", "", "10.0.0.0/08", "localhost"} {
		refused(t, s.admin("POST", fmt.Sprintf("/accounts/%d/keys", ada.account), `{"addresses":["`+wrong+`"]}`), 400, "invalid_field", "addresses")
	}

	// It ends at its instant, not a nanosecond later.
	k := s.keyFor(ada, `{"expires_at":"`+api.Time(clock.Add(time.Hour).UnixNano()).String()+`"}`)
	who, _ := s.view.CredentialByHash(sha(k.Secret))
	for _, off := range []time.Duration{-1, 0, 1} {
		clock = time.Unix(0, int64(k.ExpiresAt)+int64(off))
		read, _, _ := s.ways(k.Secret, any4)
		if good := off < 0; (read == 200) != good || s.server.Valid(&who) != good {
			t.Errorf("%v from its end: %d, valid %v", off, read, s.server.Valid(&who))
		}
	}
}

// Before the rules know attributes nothing of them is written, and the answer says what to do.
func TestAttributesNeedRules(t *testing.T) {
	s := newSite(t)
	ada := s.trader("ada", "")
	path := fmt.Sprintf("/accounts/%d/", ada.account)
	for _, body := range []string{`{"tier":"standard"}`, `{"addresses":["10.0.0.0/8"]}`, `{"public_key":"` + strings.Repeat("A", 43) + `"}`} {
		refused(t, s.admin("POST", path+"keys", body), 409, "rules_too_old", "")
	}
	refused(t, s.admin("PUT", path+"tier", `{"tier":"premium"}`), 409, "rules_too_old", "")
	refused(t, s.admin("POST", "/exchange/halt", `{"reason":"a storm"}`), 409, "rules_too_old", "")
	s.keyFor(ada, `{"label":"as ever"}`)
}

func TestTiers(t *testing.T) {
	s := newSite(t)
	s.latestRules()
	ada := s.trader("ada", "")
	path := fmt.Sprintf("/accounts/%d/", ada.account)
	tier := func(secret string) string {
		who, _ := s.view.CredentialByHash(sha(secret))
		return s.server.Tier(&who).String()
	}
	refused(t, s.admin("POST", path+"keys", `{"tier":"premium"}`), 422, "tier_too_high", "")
	refused(t, s.admin("PUT", path+"tier", `{"tier":"gold"}`), 400, "invalid_field", "tier")
	want[api.AccountAnswer](t, 200, s.admin("PUT", path+"tier", `{"tier":"institutional"}`))
	own, low := s.keyFor(ada, `{"tier":"premium"}`).Secret, s.keyFor(ada, `{"tier":"standard"}`).Secret
	if a, b, c := tier(ada.token), tier(own), tier(low); a+b+c != "institutionalpremiumstandard" {
		t.Errorf("%s %s %s", a, b, c)
	}
	want[api.AccountAnswer](t, 200, s.admin("PUT", path+"tier", `{"tier":"standard"}`))
	if a, b, c := tier(ada.token), tier(own), tier(low); a+b+c != "standardstandardstandard" {
		t.Errorf("%s %s %s", a, b, c)
	}
}

// An operator's key does what the admin key does but for making another, and the journal has his name.
func TestOperatorsKeys(t *testing.T) {
	s := newSite(t)
	s.latestRules()
	olga, ada := s.trader("olga", ""), s.trader("ada", "")
	k := s.keyFor(olga, `{"permissions":["admin"]}`)
	as := func(token, method, path, body string) *httptest.ResponseRecorder {
		return s.do(ask{method: method, path: "/api/admin" + path, body: body, token: token, key: fresh()})
	}
	want[api.MarketAnswer](t, 201, as(k.Secret, "POST", "/markets", `{"question":"Will it be seen?"}`))
	refused(t, as(k.Secret, "POST", fmt.Sprintf("/accounts/%d/keys", ada.account), `{"permissions":["admin"]}`), 403, "forbidden", "permissions")
	refused(t, s.do(ask{method: "POST", path: "/api/keys", token: ada.token, key: fresh(), body: `{"permissions":["admin"]}`}), 400, "invalid_field", "permissions")
	want[api.KeyRevoked](t, 200, s.admin("DELETE", fmt.Sprintf("/accounts/%d/keys/%d", olga.account, k.Key), ""))
	refused(t, as(k.Secret, "GET", "/accounts", ""), 401, "unauthenticated", "Authorization")

	var acts []string
	var d wire.Decoder
	for key, by := range map[uint64]string{projection.AccountKey(exchange.AccountID(olga.account)): "olga"} {
		err := s.Oldest(key, 0, 0, func(_ exchange.Seq, _ exchange.Time, frame []byte) bool {
			if event, err := d.Event(frame); err != nil {
				t.Error(err)
			} else if e, ok := event.(*exchange.OperatorActed); ok {
				acts = append(acts, fmt.Sprint(by, " ", e.Act, " ", e.Subject, " ", api.ID(e.Credential) == k.Key))
			}
			return true
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if got := strings.Join(acts, "\n"); got != "olga createMarket /api/admin/markets true" {
		t.Errorf("the journal has\n%s", got)
	}
}

// The password takes all other sessions with it, and no key.
func TestPasswordEndsOtherSessions(t *testing.T) {
	s := newSite(t)
	s.latestRules()
	post := func(path, body string) ask { return ask{method: "POST", path: path, body: body} }
	want[api.RegisterAnswer](t, 201, s.do(post("/api/register", `{"name":"ada","password":"correct horse"}`)))
	login := func() trader {
		k := want[api.KeyAnswer](t, 201, s.do(post("/api/login", `{"name":"ada","password":"correct horse"}`)))
		return trader{k.Account, k.Secret}
	}
	thief, ada := login(), login()
	stolen, _ := s.view.CredentialByHash(sha(thief.token))
	bot := want[api.KeyAnswer](t, 201, s.do(ask{method: "POST", path: "/api/keys", token: ada.token, key: "k", body: `{}`}))
	change := ask{method: "PUT", path: "/api/password", token: ada.token, key: "new", body: `{"current":"correct horse","new":"tr0ub4dor&3"}`}
	first := want[api.AccountAnswer](t, 200, s.do(change))
	if again := want[api.AccountAnswer](t, 200, s.do(change)); again != first {
		t.Errorf("%+v, again %+v", first, again)
	}
	refused(t, s.get(thief, "/api/account"), 401, "unauthenticated", "Authorization")
	if s.server.Valid(&stolen) {
		t.Error("a socket would stay open for the thief")
	}
	want[api.AccountInfo](t, 200, s.get(ada, "/api/account"))
	want[api.AccountInfo](t, 200, s.get(trader{ada.account, bot.Secret}, "/api/account"))
}

func TestHalt(t *testing.T) {
	s := newSite(t)
	s.latestRules()
	ada, m := s.trader("ada", "100"), s.market("")
	const order = `{"outcome":"yes","side":"buy","price":"0.5","quantity":5}`
	o := s.place(ada, m, order)
	refused(t, s.admin("POST", "/exchange/halt", `{"reason":""}`), 400, "invalid_field", "reason")
	if a := want[api.HaltAnswer](t, 200, s.admin("POST", "/exchange/halt", `{"reason":"a storm"}`)); !a.Halted {
		t.Errorf("%+v", a)
	}
	if e := want[api.ExchangeInfo](t, 200, s.admin("GET", "/exchange", "")); !e.Halted || e.Rules != exchange.RulesVersion {
		t.Errorf("%+v", e)
	}
	refused(t, s.tryPlace(ada, m, order), 409, "exchange_halted", "")
	refused(t, s.do(ask{method: "PATCH", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), token: ada.token, key: fresh(), body: `{"quantity":4}`}), 409, "exchange_halted", "")
	want[api.TransferAnswer](t, 201, s.do(ask{method: "POST", path: "/api/deposits", token: ada.token, key: fresh(), body: `{"amount":"1"}`}))
	if w := s.do(ask{method: "DELETE", path: fmt.Sprintf("/api/markets/%d/orders/%d", m, o.Order), token: ada.token}); w.Code != 200 {
		t.Errorf("a cancel is answered %d %s", w.Code, w.Body)
	}
	want[api.HaltAnswer](t, 200, s.admin("POST", "/exchange/resume", `{"reason":"it is over"}`))
	s.place(ada, m, order)
}

func FuzzAddresses(f *testing.F) {
	for _, text := range []string{"10.0.0.0/8", "::ffff:10.0.0.1", "fe80::1%eth0", "2001:db8::/32", "::/0", "0.0.0.0/0", "1.2.3.4/32"} {
		f.Add(text, "192.0.2.1:80")
	}
	f.Fuzz(func(t *testing.T, text, remote string) {
		stored, p := readAddresses([]string{text, "10.0.0.0/8"})
		if p != nil {
			return
		}
		for _, c := range []byte(stored) {
			if c < ' ' || c > '~' {
				t.Fatalf("%q is stored as %q", text, stored)
			}
		}
		mayComeFrom(stored, remote)
		again, p := readAddresses(strings.Fields(stored))
		if p != nil || again != stored {
			t.Errorf("%q is stored as %q, that as %q, %v", text, stored, again, p)
		}
		if !mayComeFrom(stored, "10.1.2.3:4") {
			t.Errorf("%q loses the range behind", stored)
		}
	})
}

// signer signs requests of a key that the account ada has.
type signer struct {
	*site
	private ed25519.PrivateKey
	account api.ID
	now     time.Time
	nonces  int
}

func newSigner(t *testing.T, body string) (*signer, trader) {
	t.Helper()
	g := &signer{now: time.Now()}
	g.site = newSite(t, func(c *Config) { c.Now = func() time.Time { return g.now } })
	g.latestRules()
	seed, _ := hex.DecodeString("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
	g.private = ed25519.NewKeyFromSeed(seed)
	ada := g.trader("ada", "100")
	g.account = ada.account
	k := g.keyFor(ada, fmt.Sprintf(body, g.public()))
	if k.Secret != "" {
		t.Fatalf("a key that signs has a secret: %+v", k)
	}
	return g, ada
}

func (g *signer) public() string {
	public, _ := g.private.Public().(ed25519.PublicKey)
	return signature.FormatKey(public)
}

// sign adds the headers of a signature made at a time.
func (g *signer) sign(a ask, at time.Time) ask {
	g.nonces++
	path, query, _ := strings.Cut(a.path, "?")
	r := signature.Request{Method: a.method, Path: path, Query: query, Timestamp: signature.FormatTimestamp(at),
		Nonce: fmt.Sprintf("nonce-%012d", g.nonces), IdempotencyKey: a.key, IfMatch: a.header["If-Match"], Body: []byte(a.body)}
	header := map[string]string{
		signature.HeaderKey: g.public(), signature.HeaderTimestamp: r.Timestamp, signature.HeaderNonce: r.Nonce,
		signature.HeaderSignature: r.Sign(g.private),
	}
	for k, v := range a.header {
		header[k] = v
	}
	a.header = header
	return a
}

const anOrder = `{"outcome":"yes","side":"buy","price":"0.5","quantity":5}`

// Each part of a request, changed once after it was signed.
func TestChangedRequestsAreRefused(t *testing.T) {
	g, _ := newSigner(t, `{"public_key":"%s"}`)
	m := g.market("")
	path := fmt.Sprintf("/api/markets/%d/orders", m)
	place := func() ask { return g.sign(ask{method: "POST", path: path, key: fresh(), body: anOrder}, g.now) }
	o := want[api.OrderAnswer](t, 201, g.do(place()))
	amend := fmt.Sprintf("%s/%d", path, o.Order)
	set := func(name, value string) func(*ask) { return func(a *ask) { a.header[name] = value } }
	for name, c := range map[string]struct {
		ask    ask
		change func(*ask)
	}{
		"method":    {g.sign(ask{method: "DELETE", path: "/api/orders", key: "a"}, g.now), func(a *ask) { a.method, a.path = "GET", "/api/orders" }},
		"path":      {place(), func(a *ask) { a.path = "/api/markets/2/orders" }},
		"query":     {g.sign(ask{method: "GET", path: "/api/orders?limit=1"}, g.now), func(a *ask) { a.path = "/api/orders?limit=2" }},
		"body":      {place(), func(a *ask) { a.body = strings.Replace(a.body, "5}", "6}", 1) }},
		"space":     {place(), func(a *ask) { a.body += " " }},
		"key":       {place(), func(a *ask) { a.key = "another" }},
		"no key":    {place(), func(a *ask) { a.key = "" }},
		"version":   {g.sign(ask{method: "PATCH", path: amend, key: "b", body: `{"quantity":4}`, header: map[string]string{"If-Match": `"1"`}}, g.now), set("If-Match", `"2"`)},
		"time":      {place(), set(signature.HeaderTimestamp, signature.FormatTimestamp(g.now.Add(time.Second)))},
		"nonce":     {place(), set(signature.HeaderNonce, "another-nonce-000")},
		"signature": {place(), set(signature.HeaderSignature, strings.Repeat("A", 86))},
	} {
		c.change(&c.ask)
		before := g.submits.Load()
		if p := refused(t, g.do(c.ask), 401, "signature_invalid", signature.HeaderSignature); p.Retry != api.RetryNever || g.submits.Load() != before {
			t.Errorf("%s: %+v, submitted", name, p)
		}
	}
	for name, value := range map[string]string{signature.HeaderKey: "short", signature.HeaderTimestamp: "01", signature.HeaderNonce: "short", signature.HeaderSignature: ""} {
		a := place()
		a.header[name] = value
		refused(t, g.do(a), 401, "signature_invalid", name)
		delete(a.header, name)
		refused(t, g.do(a), 401, "signature_invalid", name)
	}
	a := place()
	a.token = adminKey
	refused(t, g.do(a), 401, "signature_invalid", "Authorization")
}

func TestSignaturesAreOfTheirTime(t *testing.T) {
	g, _ := newSigner(t, `{"public_key":"%s","permissions":["read"]}`)
	g.now = g.now.Truncate(time.Millisecond)
	for off, good := range map[time.Duration]bool{
		-5 * time.Second: true, 5 * time.Second: true, -5*time.Second - time.Millisecond: false, 5*time.Second + time.Millisecond: false,
		-time.Hour: false, time.Hour: false, 0: true,
	} {
		w := g.do(g.sign(ask{method: "GET", path: "/api/account"}, g.now.Add(off)))
		if good {
			want[api.AccountInfo](t, 200, w)
		} else {
			refused(t, w, 401, "timestamp_out_of_window", signature.HeaderTimestamp)
		}
	}
	refused(t, g.do(g.sign(ask{method: "DELETE", path: "/api/orders", key: "a"}, g.now)), 403, "forbidden", "Authorization")
}

// The same signed request is of no use twice: not on the node that has seen it, and not on another.
func TestReplayedRequestsDoNothing(t *testing.T) {
	g, ada := newSigner(t, `{"public_key":"%s"}`)
	m := g.market("")
	other, err := New(Config{Submitter: g.core, Reader: g.view, History: g.core, AdminKey: []byte(adminKey), TraderDeposits: true,
		Secret: []byte("0123456789abcdef0123456789abcdef"), Now: func() time.Time { return g.now.Add(time.Second) }})
	if err != nil {
		t.Fatal(err)
	}
	cash := func() api.Money { return want[api.AccountInfo](t, 200, g.get(ada, "/api/account")).Cash }
	open := func() uint32 { return want[api.AccountInfo](t, 200, g.get(ada, "/api/account")).OpenOrders }
	for _, a := range []ask{
		{method: "POST", path: "/api/deposits", body: `{"amount":"1"}`},
		{method: "POST", path: "/api/deposits", body: `{"amount":"1"}`, key: "deposit"},
		{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", m), body: anOrder},
		{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", m), body: strings.Replace(anOrder, "}", `,"client_order_id":"x"}`, 1)},
		{method: "POST", path: "/api/orders/batch", body: fmt.Sprintf(`{"orders":[{"market":"%d",%s]}`, m, anOrder[1:])},
	} {
		signed := g.sign(a, g.now)
		first := g.do(signed)
		if first.Code >= 300 {
			t.Fatalf("%s", first.Body)
		}
		money, orders := cash(), open()
		refused(t, g.do(signed), 401, "nonce_used", signature.HeaderNonce)
		w := httptest.NewRecorder()
		other.Public().ServeHTTP(w, signed.request())
		if w.Code != first.Code || w.Body.String() != first.Body.String() {
			t.Errorf("%s at another node: %d %s, not %s", a.path, w.Code, w.Body, first.Body)
		}
		if cash() != money || open() != orders {
			t.Errorf("%s was done twice: %v and %d orders, were %v and %d", a.path, cash(), open(), money, orders)
		}
	}
	// A client that signs anew what it has sent before with an order id of its own means the same order.
	orders := open()
	again := ask{method: "POST", path: fmt.Sprintf("/api/markets/%d/orders", m), body: strings.Replace(anOrder, "}", `,"client_order_id":"x"}`, 1)}
	if w := g.do(g.sign(again, g.now)); w.Code != 201 || open() != orders {
		t.Errorf("%d orders, were %d: %s", open(), orders, w.Body)
	}
}

// Who does not have the key learns nothing about it: a key that nobody has registered and one that has ended are answered alike.
func TestUnknownKeysAreAnsweredAlike(t *testing.T) {
	g, ada := newSigner(t, `{"public_key":"%s"}`)
	a := ask{method: "GET", path: "/api/account"}
	want[api.AccountInfo](t, 200, g.do(g.sign(a, g.now)))
	known := g.private
	g.private = ed25519.NewKeyFromSeed(make([]byte, 32))
	unknown := g.do(g.sign(a, g.now)).Body.String()
	g.private = known
	for _, k := range want[api.Keys](t, 200, g.get(ada, "/api/keys")).Keys {
		if k.Scheme == api.SchemeEd25519 {
			want[api.KeyRevoked](t, 200, g.admin("DELETE", fmt.Sprintf("/accounts/%d/keys/%d", g.account, k.Key), ""))
		}
	}
	if w := g.do(g.sign(a, g.now)); w.Code != 401 || w.Body.String() != unknown {
		t.Errorf("%d %s, not %s", w.Code, w.Body, unknown)
	}
}

// An account makes so many keys and no more, revoked or not. Retries, other accounts, sessions and the operator go on.
func TestKeysOfAnAccountAreCapped(t *testing.T) {
	s := newSite(t)
	bob := s.trader("bob", "100")
	const who = `{"name":"ada","password":"correct horse battery"}`
	want[api.RegisterAnswer](t, 201, s.do(ask{method: "POST", path: "/api/register", body: who}))
	login := func() trader {
		session := want[api.KeyAnswer](t, 201, s.do(ask{method: "POST", path: "/api/login", body: who}))
		return trader{session.Account, session.Secret}
	}
	ada := login()
	newKey := func(who trader, key string) *httptest.ResponseRecorder {
		return s.do(ask{method: "POST", path: "/api/keys", token: who.token, key: key, body: `{}`})
	}
	var last api.KeyAnswer
	for n := range maxKeys {
		last = want[api.KeyAnswer](t, 201, newKey(ada, fmt.Sprint("key-", n)))
	}
	refused(t, newKey(ada, "more"), 409, "too_many_keys", "")
	want[api.KeyRevoked](t, 200, s.do(ask{method: "DELETE", path: fmt.Sprintf("/api/keys/%d", last.Key-1), token: ada.token}))
	refused(t, newKey(ada, "more"), 409, "too_many_keys", "")
	if again := want[api.KeyAnswer](t, 201, newKey(ada, fmt.Sprint("key-", maxKeys-1))); again.Secret != last.Secret || again.Key != last.Key {
		t.Errorf("a retry is answered with key %v, not %v", again.Key, last.Key)
	}
	want[api.KeyAnswer](t, 201, newKey(bob, "one"))
	login()
	s.keyFor(ada, `{}`)
}
