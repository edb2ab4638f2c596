package certificate

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"
)

// patience is for what must come, on a slow machine too.
const patience = 2 * time.Minute

// pebble is a certificate authority that speaks ACME, as a process of its own.
type pebble struct {
	directory string
	issuers   *x509.CertPool // of the certificates that it gives
	stop      func()
}

// startPebble starts an authority for which every host is at one address. The test is skipped where it cannot be built.
func startPebble(t *testing.T, hosts string) *pebble {
	t.Helper()
	if testing.Short() {
		t.Skip("with -short no certificate authority is built")
	}
	dir := t.TempDir()
	const module = "github.com/letsencrypt/pebble/v2/cmd/"
	build := exec.CommandContext(t.Context(), "go", "build", "-modfile=../tools/pebble/go.mod", "-o", dir+"/", module+"pebble", module+"pebble-challtestsrv")
	if said, err := build.CombinedOutput(); err != nil {
		t.Skipf("no certificate authority can be built, as without a network: %v\n%s", err, said)
	}
	_, port, err := net.SplitHostPort(hosts)
	if err != nil {
		t.Fatal(err)
	}
	tlsPort, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	self, own := newAuthority(t), filesIn(dir)
	store(t, own, self.issue())
	names, api, management := freeAddress(t), freeAddress(t), freeAddress(t)
	config, err := json.Marshal(map[string]any{"pebble": map[string]any{
		"listenAddress": api, "managementListenAddress": management, "certificate": own.Certificate, "privateKey": own.Key,
		"httpPort": 1, "tlsPort": tlsPort, "retryAfter": map[string]int{"authz": 1, "order": 1},
		"profiles": map[string]any{"default": map[string]any{"description": "the usual one", "validityPeriod": 7_776_000}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	configFile := filepath.Join(dir, "config.json")
	if err := os.WriteFile(configFile, config, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, filepath.Join(dir, "pebble-challtestsrv"), "-dnsserver", names, "-defaultIPv6", "", "-doh", "", "-http01", "", "-https01", "", "-tlsalpn01", "",
		"-management", freeAddress(t))
	p := &pebble{directory: "https://" + api + "/dir", issuers: x509.NewCertPool()}
	p.stop = run(t, filepath.Join(dir, "pebble"), "-config", configFile, "-dnsserver", names)

	// The exchange trusts what its machine trusts, which this test cannot change but for itself.
	usual := http.DefaultTransport
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: self.pool()}}
	http.DefaultTransport = transport
	t.Cleanup(func() {
		http.DefaultTransport = usual
		transport.CloseIdleConnections()
	})
	p.issuers.AppendCertsFromPEM(fetch(t, "https://"+management+"/roots/0"))
	fetch(t, p.directory)
	return p
}

// run starts a process that ends with the test or before.
func run(t *testing.T, name string, args ...string) (stop func()) {
	t.Helper()
	var said bytes.Buffer
	c := exec.Command(name, args...)
	c.Stdout, c.Stderr = &said, &said
	c.Env = append(os.Environ(), "PEBBLE_VA_NOSLEEP=1", "PEBBLE_WFE_NONCEREJECT=20") // a fifth of the requests must be sent again
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := false
	stop = func() {
		if !ended {
			ended = true
			_ = c.Process.Kill()
			_ = c.Wait() // it was killed
		}
	}
	t.Cleanup(func() {
		if stop(); t.Failed() {
			t.Logf("%s said:\n%s", filepath.Base(name), said.Bytes())
		}
	})
	return stop
}

// fetch reads a page that is there soon.
func fetch(t *testing.T, url string) []byte {
	t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		res, err := http.Get(url)
		if err == nil {
			var b []byte
			if b, err = io.ReadAll(res.Body); err == nil && res.StatusCode == http.StatusOK {
				res.Body.Close()
				return b
			}
			res.Body.Close()
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come: %v", url, err)
		}
	}
}

// freeAddress is an address of this machine that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// A certificate is got from an authority when it is first asked for, by showing that the host is ours, and is kept: after a restart it is
// there without the authority. For other hosts none is got.
func TestCertificateFromAnAuthority(t *testing.T) {
	at := freeAddress(t)
	p := startPebble(t, at)
	const host, other = "exchange.example", "elsewhere.example"
	settings := ACME{Hosts: []string{host}, Cache: t.TempDir(), Email: "operator@exchange.example", Directory: p.directory}
	visit := func(address, host string) (*x509.Certificate, error) {
		state, err := shake(address, &tls.Config{ServerName: host, RootCAs: p.issuers, NextProtos: []string{http1}})
		if err != nil {
			return nil, err
		}
		return state.PeerCertificates[0], nil
	}
	listenAt(t, at, settings.Config())
	got, err := visit(at, host)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got.DNSNames, []string{host}) {
		t.Errorf("the certificate is of %v", got.DNSNames)
	}
	if c, err := visit(at, other); err == nil {
		t.Errorf("a certificate of %v for %s", c.DNSNames, other)
	}
	p.stop()
	if kept, err := visit(listen(t, settings.Config()), host); err != nil || !kept.Equal(got) {
		t.Errorf("after a restart without the authority: %v", err)
	}
	settings.Cache = t.TempDir()
	if _, err := visit(listen(t, settings.Config()), host); err == nil {
		t.Error("a certificate that was not kept is there without the authority")
	}
}
