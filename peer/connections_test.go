package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// When an authority is taken out of the file, whoever has a certificate by it is put out at once: links and bulk, dialled and accepted.
// Nobody else notices.
func TestConnectionsEndWithTheirAuthority(t *testing.T) {
	old, next := authority(t), authority(t)
	own, later := certify(t, old, 1), certify(t, next, 1)
	believe := func(authorities ...[]byte) {
		t.Helper()
		if err := os.WriteFile(own.Authority, bytes.Join(authorities, nil), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	believe(read(t, own.Authority), read(t, later.Authority))
	copyFiles(t, later.Certificate, own.Certificate, later.Key, own.Key)
	one := newRecorder()
	one.call = func(_ context.Context, _ Node, _ uint32, _ uint8, request []byte) ([]byte, error) {
		return request, nil
	}
	m := start(t, Config{Self: 1, Credentials: own, Handler: one})

	gone := make(chan string, 4)
	ends := func(what string, conn net.Conn) {
		_ = conn.SetDeadline(time.Time{})
		go func() {
			_, _ = io.Copy(io.Discard, conn)
			gone <- what
		}()
	}
	link := func(c Credentials, n Node) (*tls.Conn, *frameReader) {
		t.Helper()
		config := anyone(t, c)
		conn, err := rawTLS(t, config, m.address())
		if err != nil {
			t.Fatal(err)
		}
		if err := (hello{version, forCalls, n, 1}).write(conn); err != nil {
			t.Fatal(err)
		}
		frames := newFrameReader(conn)
		if _, err := readHello(frames); err != nil {
			t.Fatal(err)
		}
		return conn, frames
	}
	stays, answers := link(certify(t, next, 2), 2)
	accepted, _ := link(certify(t, old, 3), 3)
	ends("accepted", accepted)
	config := anyone(t, certify(t, old, 4))
	config.NextProtos = []string{bulkProtocol}
	bulk, err := rawTLS(t, config, m.address())
	if err != nil {
		t.Fatal(err)
	}
	ends("bulk", bulk)
	base, _, err := LoadCredentials(certify(t, old, 5))
	if err != nil {
		t.Fatal(err)
	}
	base.ClientCAs.AddCert(leafOf(t, later.Authority))
	address := acceptRaw(t, serverConfig(base, 5), func(h hello, conn *tls.Conn, _ *frameReader) {
		if (hello{version, h.purpose, 5, 1}).write(conn) == nil && h.purpose == forMessages {
			ends("dialled", conn)
		}
	})
	m.SetPeers(map[Node]string{5: address})
	eventually(t, func() bool { return m.find(5).messages.Load() != nil }, func() string { return "node 5 is not reached" })
	select {
	case what := <-gone:
		t.Fatalf("%s: ended while both authorities are believed", what)
	default:
	}

	believe(read(t, later.Authority))
	if err := m.Reload(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		select {
		case <-gone:
		case <-time.After(patience):
			t.Fatal("a connection by an authority that is none any more is up")
		}
	}
	if _, err := stays.Write(frame(header{kind: kindCall, id: 7}, []byte("still there?"))); err != nil {
		t.Fatal(err)
	}
	if h, answer, err := answers.next(); err != nil || h.kind != kindAnswer || string(answer) != "still there?" {
		t.Errorf("of the authority that is believed: %v %q %v", h, answer, err)
	}
	eventually(t, func() bool { return len(m.connections.all()) == 1 }, func() string { return "connections that ended are kept in mind" })
}

func leafOf(t *testing.T, file string) *x509.Certificate {
	t.Helper()
	c, err := readCertificate(file)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// What is up stays up when a certificate ends; only its authority counts.
func TestConnectionsOutliveTheirCertificate(t *testing.T) {
	a, other := authority(t), authority(t)
	of := leafOf(t, expired(t, a, 2).Certificate)
	let := admission{[]*x509.Certificate{of}, of.NotAfter.Add(-time.Second)}
	for name, c := range map[string]struct {
		authority string
		stays     bool
	}{"the same authority": {a, true}, "another authority": {other, false}} {
		config, _, err := LoadCredentials(certify(t, c.authority, 1))
		if err != nil {
			t.Fatal(err)
		}
		if err := let.judge(config); (err == nil) != c.stays {
			t.Errorf("%s: %v", name, err)
		}
	}
}
