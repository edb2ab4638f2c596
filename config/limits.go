package config

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/hustings/hustings/guard"
)

// Limits says who may do how much: the table [limits] of a node's file, or of a file by itself.
type Limits struct {
	Enforce            bool     `toml:"enforce"`
	Tier               string   `toml:"tier"` // of who has no other
	TargetLatency      Duration `toml:"target_latency"`
	AddressConnections int      `toml:"address_connections"`
	AddressFactor      float64  `toml:"address_factor"`  // accounts' traffic that an address may carry
	TrustedProxies     []string `toml:"trusted_proxies"` // addresses or networks

	General        Rate `toml:"general"`
	Orders         Rate `toml:"orders"`
	MarketData     Rate `toml:"market_data"`
	Authentication Rate `toml:"authentication"`
	Cancels        Rate `toml:"cancels"`

	Factor   Factor          `toml:"factor"`
	Penalty  Penalty         `toml:"penalty"`
	Accounts []AccountLimits `toml:"account"`
}

// Rate is how many requests of a class are let in.
type Rate struct {
	Rate  float64 `toml:"rate"` // a second
	Burst int     `toml:"burst"`
}

// Factor is by how much the rates of a tier are greater than those of the standard one.
type Factor struct {
	Premium       float64 `toml:"premium"`
	Institutional float64 `toml:"institutional"`
}

// Penalty is for whoever keeps sending while refused.
type Penalty struct {
	After          int      `toml:"after"` // refusals
	Time           Duration `toml:"time"`
	Authentication Duration `toml:"authentication"` // time for wrong credentials
}

// AccountLimits gives an account a tier.
type AccountLimits struct {
	Account uint32 `toml:"account"`
	Tier    string `toml:"tier"`
}

func defaultLimits() Limits {
	p := guard.Default()
	rate := func(c guard.Class) Rate { return Rate{p.Rates[c].PerSecond, p.Rates[c].Burst} }
	return Limits{
		Enforce: true, Tier: p.Tier.String(), TargetLatency: Duration(p.TargetLatency),
		AddressConnections: p.AddressConns, AddressFactor: p.AddressFactor,
		General: rate(guard.General), Orders: rate(guard.Orders), MarketData: rate(guard.MarketData),
		Authentication: rate(guard.Authentication), Cancels: rate(guard.Cancels),
		Factor:  Factor{p.Factors[guard.Premium], p.Factors[guard.Institutional]},
		Penalty: Penalty{p.Knocks, Duration(p.Shut), Duration(p.ShutAuthentication)},
	}
}

// Policy is what the settings say in the words of package guard; nil if they are not to be enforced.
func (l *Limits) Policy() (*guard.Policy, error) {
	p := guard.Default()
	rate := func(r Rate) guard.Rate { return guard.Rate{PerSecond: r.Rate, Burst: r.Burst} }
	p.Rates = [guard.Classes]guard.Rate{
		guard.General: rate(l.General), guard.Orders: rate(l.Orders), guard.MarketData: rate(l.MarketData),
		guard.Authentication: rate(l.Authentication), guard.Cancels: rate(l.Cancels),
	}
	p.Factors = [guard.Tiers]float64{1, l.Factor.Premium, l.Factor.Institutional}
	p.AddressConns, p.AddressFactor, p.TargetLatency = l.AddressConnections, l.AddressFactor, time.Duration(l.TargetLatency)
	p.Knocks, p.Shut, p.ShutAuthentication = l.Penalty.After, time.Duration(l.Penalty.Time), time.Duration(l.Penalty.Authentication)
	var err error
	if p.Tier, err = guard.ParseTier(l.Tier); err != nil {
		return nil, fmt.Errorf("tier: %w", err)
	}
	for _, text := range l.TrustedProxies {
		network, err := readNetwork(text)
		if err != nil {
			return nil, fmt.Errorf(`trusted_proxies: %q is no address or network: write one such as "10.0.0.1" or "10.0.0.0/8"`, text)
		}
		p.TrustedProxies = append(p.TrustedProxies, network)
	}
	p.Accounts = make(map[uint32]guard.Tier, len(l.Accounts))
	for _, a := range l.Accounts {
		if _, twice := p.Accounts[a.Account]; twice || a.Account == 0 {
			return nil, fmt.Errorf("account %d: give each account once, by its number from 1", a.Account)
		}
		if p.Accounts[a.Account], err = guard.ParseTier(a.Tier); err != nil {
			return nil, fmt.Errorf("account %d: %w", a.Account, err)
		}
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	if !l.Enforce {
		return nil, nil
	}
	return &p, nil
}

func readNetwork(text string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(text); err == nil {
		return a.Unmap().WithZone("").Prefix(a.Unmap().BitLen())
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err
}

// LoadLimits reads a file that has nothing but the table [limits] and those below it.
func LoadLimits(path string) (*guard.Policy, error) {
	document, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the limits: %w", err)
	}
	var f struct {
		Limits Limits `toml:"limits"`
	}
	f.Limits = defaultLimits()
	if err := decode(path, document, &f); err != nil {
		return nil, err
	}
	c := checker{path: path, lines: linesOf(document)}
	policy := c.checkLimits(&f.Limits)
	return policy, errors.Join(c.found...)
}

// checkLimits returns what limits say, and says what is wrong with them.
func (c *checker) checkLimits(l *Limits) *guard.Policy {
	policy, err := l.Policy()
	if err != nil {
		what, _, _ := strings.Cut(err.Error(), ":")
		c.sayAt("limits."+what, "limits", "%v", err)
	}
	return policy
}
