package cluster

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"strconv"

	"github.com/hustings/hustings/setup"
)

// place says where the i-th node is, counted from 0, on ports that are not taken where it finds free ones.
func place(hosts []string, i int, taken map[string]bool) (n setup.Node, err error) {
	n = setup.Node{Number: uint16(i + 1), Host: "127.0.0.1"}
	if len(hosts) == 0 {
		n.BasePort, err = freePorts(n.Host, taken)
		return n, err
	}
	n.Host = hosts[min(i, len(hosts)-1)]
	if host, port, err := net.SplitHostPort(n.Host); err == nil {
		n.Host = host
		if n.BasePort, err = strconv.Atoi(port); err != nil {
			return n, fmt.Errorf("%s is no port", port)
		}
	}
	return n, nil
}

// freePorts finds three ports in a row that nobody listens at. They are below those that the system gives to outgoing
// connections, so that none of these takes one while its node is down.
func freePorts(host string, taken map[string]bool) (first int, err error) {
	const least, most, tries = 10_000, 32_000, 100
	for range tries {
		first = least + 3*rand.IntN((most-least)/3)
		ports := []string{at(host, first), at(host, first+1), at(host, first+2)}
		if slices.ContainsFunc(ports, func(p string) bool { return taken[p] }) {
			continue
		}
		if err = free(ports); err == nil {
			for _, p := range ports {
				taken[p] = true
			}
			return first, nil
		}
	}
	return 0, fmt.Errorf("finding free ports: %w", err)
}

func at(host string, port int) string { return net.JoinHostPort(host, strconv.Itoa(port)) }

func free(addresses []string) error {
	var errs []error
	for _, address := range addresses {
		l, err := net.Listen("tcp", address)
		if err == nil {
			err = l.Close()
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}
