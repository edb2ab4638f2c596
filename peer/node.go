package peer

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// Node is the number of a node of an exchange, from 1 to 65535. The operator chooses it, and the node's certificate
// proves it.
type Node uint16

func (n Node) String() string { return strconv.Itoa(int(n)) }

// A certificate names its node as hustings://node/3.
const (
	uriScheme = "hustings"
	uriHost   = "node"
)

func (n Node) uri() *url.URL {
	return &url.URL{Scheme: uriScheme, Host: uriHost, Path: "/" + n.String()}
}

// NodeOf tells which node a certificate names. There must be exactly one.
func NodeOf(c *x509.Certificate) (Node, error) {
	var found Node
	for _, u := range c.URIs {
		if u.Scheme != uriScheme || u.Host != uriHost {
			continue
		}
		text := strings.TrimPrefix(u.Path, "/")
		n, err := strconv.ParseUint(text, 10, 16)
		if err != nil || n == 0 || Node(n).String() != text {
			return 0, fmt.Errorf("the certificate names %v, and a node has a number from 1 to 65535", u)
		}
		if found != 0 {
			return 0, fmt.Errorf("the certificate names node %v and node %v", found, n)
		}
		found = Node(n)
	}
	if found == 0 {
		return 0, fmt.Errorf("the certificate of %q names no node: it has no URI of the form hustings://node/3", c.Subject.CommonName)
	}
	return found, nil
}
