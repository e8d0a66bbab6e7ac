package media

import (
	"context"
	"crypto/x509"
	"net/netip"
	"time"
)

// World stands in for the internet in tests: names, and who may be reached.
type World struct {
	Lookup  func(ctx context.Context, host string) ([]netip.Addr, error)
	May     func(netip.Addr) bool
	Port    string
	Roots   *x509.CertPool
	Max     int64
	Timeout time.Duration
	Local   string
}

// NewIn makes a Client of that world.
func NewIn(w World) (*Client, error) {
	return New(Config{Local: w.Local, Timeout: w.Timeout, lookup: w.Lookup, may: w.May, port: w.Port, roots: w.Roots, max: w.Max})
}

// Public is the rule for addresses.
func Public(ip netip.Addr) bool { return public(ip) }

// Hosts are the names of a network.
var Hosts = hosts
