package media

import (
	"net/netip"
	"slices"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// meta are the hosts of Facebook, Instagram and WhatsApp: their two delivery networks, and the places that hand out what is
// not public (attachments of messages, media of WhatsApp by id).
func meta() []string {
	return []string{"fbcdn.net", "cdninstagram.com", "fbsbx.com", "lookaside.facebook.com", "whatsapp.net"}
}

// hosts are the names under which a network hands out media; what stands under such a name belongs to it too.
func hosts(n mention.Network) []string {
	switch n {
	case mention.Facebook, mention.Instagram, mention.WhatsApp:
		return meta()
	case mention.X:
		return []string{"twimg.com", "ton.twitter.com"} // pbs, video and ton; direct messages of the older API lie at the second
	case mention.LinkedIn:
		return []string{"licdn.com"}
	default:
		return nil
	}
}

// Trusted reports whether the host is one of the network's own.
func Trusted(n mention.Network, host string) bool {
	host = strings.ToLower(host)
	return slices.ContainsFunc(hosts(n), func(own string) bool {
		return host == own || strings.HasSuffix(host, "."+own)
	})
}

// inside are addresses that never belong to a network's host although they are none of the kinds that netip knows: ranges
// kept for documentation, tests, sharing and transition (IANA's special-purpose registries). In those of transition an
// address of the old kind is hidden, which may be anybody's, ours included.
func inside() []netip.Prefix {
	var out []netip.Prefix
	for _, text := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "198.18.0.0/15", "198.51.100.0/24",
		"203.0.113.0/24", "240.0.0.0/4",
		"::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32", "2002::/16",
		"3fff::/20", "5f00::/16", "fec0::/10",
	} {
		out = append(out, netip.MustParsePrefix(text))
	}
	return out
}

// public reports whether everybody on the internet reaches this address. The metadata services of Lambda and EC2 are
// link-local (169.254.169.254) or private (fd00:ec2::254).
func public(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" || ip.Is4In6() || !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(inside(), func(p netip.Prefix) bool { return p.Contains(ip) })
}

// near reports an address of this machine or its own network.
func near(ip netip.Addr) bool { return ip.IsLoopback() || ip.IsPrivate() }
