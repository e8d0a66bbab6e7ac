package gateway

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// errScope is a good token without a scope the route asks for: 403, everything else is 401.
var errScope = errors.New("the token has none of the route's scopes")

// claims are a token's claims as a function sees them: all texts.
type claims struct {
	text   map[string]string
	scopes []string
}

// authorize checks the bearer token by the route's authorizer. Its errors never quote the token.
func (g *Gateway) authorize(r *http.Request, route Route) (*claims, error) {
	raw := r.Header.Get("Authorization")
	if scheme, rest, ok := strings.Cut(raw, " "); ok && strings.EqualFold(scheme, "Bearer") {
		raw = strings.TrimSpace(rest)
	}
	if raw == "" {
		return nil, errors.New("there is no token")
	}
	a := *route.Authorizer
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256", "ES256"}),
		jwt.WithIssuer(a.Issuer),
		jwt.WithExpirationRequired(),
		jwt.WithIssuedAt(),
		jwt.WithJSONNumber(),
		jwt.WithTimeFunc(g.cfg.Wall),
	)
	found := jwt.MapClaims{}
	_, err := parser.ParseWithClaims(raw, found, func(t *jwt.Token) (any, error) {
		kid, _ := t.Header["kid"].(string)
		return g.keys.key(r.Context(), a.Issuer, kid)
	})
	if err != nil {
		return nil, fmt.Errorf("the token is not valid: %w", reason(err))
	}
	if !meant(found, a.Audience) {
		return nil, errors.New("the token is for another audience")
	}
	scopes := tokenScopes(found)
	if len(route.Scopes) > 0 && !slices.ContainsFunc(scopes, func(s string) bool { return slices.Contains(route.Scopes, s) }) {
		return nil, errScope
	}
	text := make(map[string]string, len(found))
	for name, value := range found {
		text[name] = claimText(value)
	}
	return &claims{text: text, scopes: scopes}, nil
}

// reason keeps the library's sentinel and drops its text, which may repeat what the token says.
func reason(err error) error {
	for _, known := range []error{
		jwt.ErrTokenExpired, jwt.ErrTokenNotValidYet, jwt.ErrTokenUsedBeforeIssued, jwt.ErrTokenInvalidIssuer,
		jwt.ErrTokenRequiredClaimMissing, jwt.ErrTokenSignatureInvalid, jwt.ErrTokenMalformed, errNoKey, errIssuer,
	} {
		if errors.Is(err, known) {
			return known
		}
	}
	return jwt.ErrTokenUnverifiable
}

// meant reports whether the token was issued for us: by aud, or by client_id in a token without aud.
func meant(c jwt.MapClaims, audience []string) bool {
	aud, err := c.GetAudience()
	if err != nil {
		return false
	}
	if len(aud) == 0 {
		client, _ := c["client_id"].(string)
		aud = jwt.ClaimStrings{client}
	}
	return slices.ContainsFunc(aud, func(s string) bool { return s != "" && slices.Contains(audience, s) })
}

func tokenScopes(c jwt.MapClaims) []string {
	for _, name := range []string{"scope", "scp"} {
		switch v := c[name].(type) {
		case string:
			return strings.Fields(v)
		case []any:
			var out []string
			for _, item := range v {
				out = append(out, claimText(item))
			}
			return out
		}
	}
	return nil
}

// claimText writes a claim as API Gateway does: lists as "[a b]", numbers and booleans as JSON writes them.
func claimText(v any) string {
	switch c := v.(type) {
	case string:
		return c
	case []any:
		parts := make([]string, len(c))
		for i, item := range c {
			parts[i] = claimText(item)
		}
		return "[" + strings.Join(parts, " ") + "]"
	default:
		data, err := json.Marshal(c)
		if err != nil {
			return ""
		}
		return string(data)
	}
}
