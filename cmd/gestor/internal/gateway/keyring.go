package gateway

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	// keysFresh is how long fetched keys are used; keysPause is how long a stranger's key id cannot cause another fetch.
	keysFresh = 2 * time.Hour
	keysPause = 5 * time.Second
	// maxDocument bounds what an issuer may answer.
	maxDocument = 1 << 20
)

var (
	errNoKey  = errors.New("the issuer has no such key")
	errIssuer = errors.New("the issuer's keys cannot be read")
)

// keyring holds the public keys of issuers, found by OpenID Connect discovery.
type keyring struct {
	client *http.Client
	now    func() time.Time
	mu     sync.Mutex
	known  map[string]*keySet
}

type keySet struct {
	keys    map[string]crypto.PublicKey
	fetched time.Time
}

func newKeyring(client *http.Client, now func() time.Time) *keyring {
	return &keyring{client: client, now: now, known: map[string]*keySet{}}
}

// key finds an issuer's key by its id; an unknown id makes it look again, since issuers rotate.
func (k *keyring) key(ctx context.Context, issuer, id string) (crypto.PublicKey, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	set := k.known[issuer]
	now := k.now()
	if set != nil {
		age := now.Sub(set.fetched)
		key, ok := set.keys[id]
		if ok && age < keysFresh {
			return key, nil
		}
		if !ok && age < keysPause {
			return nil, errNoKey
		}
	}
	keys, err := k.fetch(ctx, issuer)
	if err != nil {
		return nil, err
	}
	k.known[issuer] = &keySet{keys: keys, fetched: now}
	key, ok := keys[id]
	if !ok {
		return nil, errNoKey
	}
	return key, nil
}

func (k *keyring) fetch(ctx context.Context, issuer string) (map[string]crypto.PublicKey, error) {
	var discovery struct {
		Issuer  string `json:"issuer"`
		JWKSURI string `json:"jwks_uri"`
	}
	if err := k.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration", &discovery); err != nil {
		return nil, err
	}
	if discovery.Issuer != issuer || discovery.JWKSURI == "" {
		return nil, errIssuer
	}
	var set struct {
		Keys []jwk `json:"keys"`
	}
	if err := k.get(ctx, discovery.JWKSURI, &set); err != nil {
		return nil, err
	}
	keys := map[string]crypto.PublicKey{}
	for _, j := range set.Keys {
		// An issuer may publish keys of kinds we do not use; they are simply not ours.
		if key, err := j.public(); err == nil && j.ID != "" {
			keys[j.ID] = key
		}
	}
	return keys, nil
}

func (k *keyring) get(ctx context.Context, url string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return errIssuer
	}
	res, err := k.client.Do(req)
	if err != nil {
		return fmt.Errorf("%w: %w", errIssuer, err)
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("%w: status %d", errIssuer, res.StatusCode)
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, maxDocument)).Decode(into); err != nil {
		return fmt.Errorf("%w: not JSON", errIssuer)
	}
	return nil
}

// jwk is a public key as RFC 7517 writes it.
type jwk struct {
	Kind  string `json:"kty"`
	ID    string `json:"kid"`
	Use   string `json:"use"`
	Curve string `json:"crv"`
	N     string `json:"n"`
	E     string `json:"e"`
	X     string `json:"x"`
	Y     string `json:"y"`
}

func (j jwk) public() (crypto.PublicKey, error) {
	if j.Use != "" && j.Use != "sig" {
		return nil, errNoKey
	}
	switch {
	case j.Kind == "RSA":
		return j.rsa()
	case j.Kind == "EC" && j.Curve == "P-256":
		return j.ecdsa()
	default:
		return nil, errNoKey
	}
}

func (j jwk) rsa() (crypto.PublicKey, error) {
	n, err := base64.RawURLEncoding.DecodeString(j.N)
	if err != nil {
		return nil, errNoKey
	}
	e, err := base64.RawURLEncoding.DecodeString(j.E)
	if err != nil || len(e) == 0 || len(e) > 4 {
		return nil, errNoKey
	}
	key := &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(new(big.Int).SetBytes(e).Int64())}
	if key.N.BitLen() < 2048 || key.E < 3 {
		return nil, errNoKey
	}
	return key, nil
}

func (j jwk) ecdsa() (crypto.PublicKey, error) {
	x, errX := base64.RawURLEncoding.DecodeString(j.X)
	y, errY := base64.RawURLEncoding.DecodeString(j.Y)
	if errX != nil || errY != nil || len(x) != 32 || len(y) != 32 {
		return nil, errNoKey
	}
	// 4 marks an uncompressed point (SEC 1); the parser refuses points off the curve.
	return ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
}
