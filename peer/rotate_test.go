package peer

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"strings"
	"testing"
	"time"
)

// copyFiles writes what is in some files to others.
func copyFiles(t *testing.T, fromTo ...string) {
	t.Helper()
	for i := 0; i < len(fromTo); i += 2 {
		b, err := os.ReadFile(fromTo[i])
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(fromTo[i+1], b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// shown is the certificate of the other side on the link for messages that this node has dialled.
func shown(m *Mesh, n Node) *x509.Certificate {
	l := m.find(n).messages.Load()
	if l == nil {
		return nil
	}
	return l.conn.(*tls.Conn).ConnectionState().PeerCertificates[0]
}

func leaf(t *testing.T, c Credentials) *x509.Certificate { t.Helper(); return leafOf(t, c.Certificate) }

// Authority and certificates of nodes that run are replaced, one after the other as an operator does it; links that break come back with
// the new ones, and whoever has an old one is refused in the end.
func TestCredentialsAreReplaced(t *testing.T) {
	old, next := authority(t), authority(t)
	c1, c2 := certify(t, old, 1), certify(t, old, 2)
	stranger := certify(t, old, 3)
	next1, next2 := certify(t, next, 1), certify(t, next, 2)
	m1 := start(t, Config{Self: 1, Credentials: c1, Handler: newRecorder()})
	m2 := start(t, Config{Self: 2, Credentials: c2, Handler: newRecorder()})
	addresses := map[Node]string{1: m1.address(), 2: m2.address()}
	m1.SetPeers(addresses)
	m2.SetPeers(addresses)
	whole(t, m1, 2)
	reload := func(ms ...*Mesh) {
		t.Helper()
		for _, m := range ms {
			if err := m.Reload(); err != nil {
				t.Fatal(err)
			}
		}
	}
	// again cuts the link for messages that node 1 has dialled, if it is up, and waits for one on which node 2 shows a certificate.
	again := func(want *x509.Certificate) {
		t.Helper()
		was := m1.find(2).messages.Load()
		if was != nil {
			was.cut()
		}
		eventually(t, func() bool {
			l, got := m1.find(2).messages.Load(), shown(m1, 2)
			return l != was && got != nil && got.Equal(want)
		}, func() string { return "no link with the certificate" })
	}

	// Both authorities are believed in before anybody shows a certificate by the new one.
	both := append(read(t, c1.Authority), read(t, next1.Authority)...)
	for _, c := range []Credentials{c1, c2} {
		if err := os.WriteFile(c.Authority, both, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	reload(m1, m2)
	copyFiles(t, next2.Certificate, c2.Certificate, next2.Key, c2.Key)
	reload(m2)
	if got := shown(m1, 2); got != nil && got.Equal(leaf(t, next2)) {
		t.Error("a link that was up has changed its certificate")
	}
	again(leaf(t, next2))
	if !m2.Until().Equal(leaf(t, next2).NotAfter) {
		t.Errorf("the certificate in use ends %v", m2.Until())
	}
	copyFiles(t, next1.Certificate, c1.Certificate, next1.Key, c1.Key, next1.Authority, c1.Authority, next2.Authority, c2.Authority)
	reload(m1, m2)
	again(leaf(t, next2))
	whole(t, m2, 1)

	if conn, err := rawTLS(t, anyone(t, certify(t, next, 3)), m1.address()); err != nil {
		t.Error(err)
	} else if err := (hello{version, forMessages, 3, 1}).write(conn); err != nil {
		t.Error(err)
	} else if _, _, err := newFrameReader(conn).next(); err != nil {
		t.Errorf("a certificate by the new authority is refused: %v", err)
	}
	conn, err := rawTLS(t, anyone(t, stranger), m1.address())
	if err == nil {
		hello{version, forMessages, 3, 1}.write(conn)
		_, _, err = newFrameReader(conn).next()
	}
	if err == nil {
		t.Error("a certificate by the old authority is let in")
	}
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Files that do not fit together, or are not this node's, change nothing, and what is wrong is said.
func TestCredentialsThatDoNotFitChangeNothing(t *testing.T) {
	a, other := authority(t), authority(t)
	for name, c := range map[string]struct {
		spoil func(Credentials)
		want  string
	}{
		"another key":       {func(c Credentials) { copyFiles(t, certify(t, a, 1).Key, c.Key) }, "private key does not match"},
		"another authority": {func(c Credentials) { copyFiles(t, certify(t, other, 1).Authority, c.Authority) }, "unknown authority"},
		"another node": {func(c Credentials) {
			two := certify(t, a, 2)
			copyFiles(t, two.Certificate, c.Certificate, two.Key, c.Key)
		}, "is the certificate of node 2"},
		"an old one": {func(c Credentials) {
			gone := expired(t, a, 1)
			copyFiles(t, gone.Certificate, c.Certificate, gone.Key, c.Key)
		}, "has expired"},
		"no authority": {func(c Credentials) { copyFiles(t, c.Key, c.Authority) }, "no certificate in it"},
		"no key": {func(c Credentials) {
			if err := os.Remove(c.Key); err != nil {
				t.Fatal(err)
			}
		}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			own := certify(t, a, 1)
			was := leaf(t, own)
			m := start(t, Config{Self: 1, Credentials: own, Handler: newRecorder()})
			c.spoil(own)
			for range 2 { // it is not forgotten that they do not fit
				if err := m.Reload(); err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("want %q: %v", c.want, err)
				}
			}
			conn, err := raw(t, certify(t, a, 2), m.address(), linkProtocol)
			if err != nil {
				t.Fatal(err)
			}
			if got := conn.ConnectionState().PeerCertificates[0]; !got.Equal(was) {
				t.Errorf("it shows one until %v", got.NotAfter)
			}
		})
	}
}

// A file that changes is found without being asked for.
func TestCredentialsAreWatched(t *testing.T) {
	a := authority(t)
	own, next := certify(t, a, 1), certify(t, a, 1)
	m := start(t, Config{Self: 1, Credentials: own, Handler: newRecorder()})
	copyFiles(t, next.Certificate, own.Certificate, next.Key, own.Key)
	want := leaf(t, next)
	for end := time.Now().Add(10 * patience); !m.source.Current().Certificates[0].Leaf.Equal(want); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the new certificate is not in use")
		}
	}
}
