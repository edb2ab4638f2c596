package feed_test

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"

	"github.com/hustings/hustings/api"
	"github.com/hustings/hustings/client/feed"
	"github.com/hustings/hustings/exchange"
	"github.com/hustings/hustings/feed/message"
	"github.com/hustings/hustings/node"
	"github.com/hustings/hustings/peer"
)

// secure makes a certificate for this machine, and what trusts it.
func secure(t *testing.T) (node.TLS, *tls.Config) {
	dir := t.TempDir()
	if err := peer.MakeAuthority(dir); err != nil {
		t.Fatal(err)
	}
	if err := peer.MakeCertificate(dir, filepath.Join(dir, "own"), 1, "127.0.0.1"); err != nil {
		t.Fatal(err)
	}
	files := peer.CredentialsIn(filepath.Join(dir, "own"))
	authority := x509.NewCertPool()
	authority.AppendCertsFromPEM(must[[]byte](t)(os.ReadFile(files.Authority)))
	return node.TLS{Certificate: files.Certificate, Key: files.Key}, &tls.Config{RootCAs: authority}
}

// Under TLS everything is as without: images, deltas, a connection that is made again, orders, and their end with their connection.
func TestFeedAndTraderOverTLS(t *testing.T) {
	ctx := bound(t)
	files, trust := secure(t)
	f := newFloorOver(t, "https", files, trust)
	c := newCutter(t, f.node.Addr())
	first := f.order(api.Buy, 4_000, 10)
	for _, json := range []bool{false, true} {
		l := f.listen("https://"+c.addr, feed.Options{TLS: trust, JSON: json},
			feed.Subscription{Channels: []message.Channel{message.Book, message.Trade}, Markets: []api.ID{f.market}, MinSeq: first.Seq})
		l.until("the image", func() bool { return l.images == 1 })
		last := f.order(api.Buy, 3_000, 2)
		l.until("a delta", func() bool { return !l.sees(f.market, exchange.Buy, 3_000, 0)() })
		c.cut()
		must[api.CancelAnswer](t)(f.ada.Cancel(ctx, f.market, last.Order))
		l.until("what was missed", l.sees(f.market, exchange.Buy, 3_000, 0))
		if l.images != 1 || len(l.interrupted) == 0 {
			t.Errorf("%d images, interrupted %v", l.images, l.interrupted)
		}
	}

	tr := f.trader("https://"+f.node.Addr(), feed.Options{TLS: trust})
	own := f.listen("https://"+f.node.Addr(), feed.Options{TLS: trust, Token: f.key.Secret}, feed.Subscription{Account: true})
	if err := tr.CancelOnDisconnect(ctx, true); err != nil {
		t.Fatal(err)
	}
	o := must[api.OrderAnswer](t)(tr.Place(ctx, f.market, "", bid(2_000, 1)))
	own.until("the order", func() bool { return own.orders[o.Order].Status == api.StatusOpen })
	tr.Close()
	own.until("its end", func() bool { return own.orders[o.Order].Status == api.StatusCancelled })

	for _, base := range []string{"https://" + f.node.Addr(), "http://" + f.node.Addr()} { // nobody that is trusted, no TLS
		if _, err := f.trader(base, feed.Options{}).CancelAll(ctx, 0); err == nil {
			t.Errorf("%s takes orders", base)
		}
	}
}
