package system

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"path/filepath"
	"time"

	"sence.gob.cl/gestor/cmd/gestor/internal/local"
	"sence.gob.cl/gestor/shared/access"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/dynamo"
	"sence.gob.cl/gestor/shared/mention"
	"sence.gob.cl/gestor/shared/ticket"
)

// installer is who connected what was connected before anybody signed in.
const installer = "instalación"

// firstKeyOf is the key that a simulated network takes for our account from the first second on.
func firstKeyOf(n mention.Network) string {
	switch n {
	case mention.Facebook, mention.Instagram, mention.WhatsApp:
		return pageToken
	case mention.X:
		return xToken
	case mention.LinkedIn:
		return linkedInToken
	default:
		return ""
	}
}

// connectSimulated connects our accounts on the simulated networks, as if a person had pasted their keys, so that all works
// from the first second. What is known of an account already, also that a person took it away, stays.
func (s *System) connectSimulated(ctx context.Context, accounts string) error {
	ours, err := mention.ParseAccounts([]byte(accounts))
	if err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	store := dynamo.New(dynamo.Config{Client: s.tables.db, Table: "WorkTable", Bitacora: "BitacoraTable", Clock: s.clock.Now})
	keeper := access.New(access.Config{Store: store, Key: s.tokenKey, Random: rand.Reader, Clock: s.clock.Now})
	for name, account := range local.SimulatorAccounts() {
		ref := channel.Ref{Network: mention.Network(name), Account: account}
		if !ours.Ours(ref.Network, account) {
			continue
		}
		_, found, err := store.Channel(ctx, ref)
		if err != nil || found {
			if err != nil {
				return fmt.Errorf("account %s: %w", ref, err)
			}
			continue
		}
		now := s.clock.Now().UTC().Truncate(time.Second) // networks date what is written by the second
		grant, err := keeper.Grant(ctx, ref, channel.Tokens{Method: channel.ByHand, Access: firstKeyOf(ref.Network), FirstAt: now})
		if err != nil {
			return fmt.Errorf("account %s: %w", ref, err)
		}
		c := channel.Channel{
			Ref: ref, Name: "SENCE (simulado)", State: channel.Working, Since: now, ConnectedAt: now, ConnectedBy: installer, Next: now, Rev: 1,
		}
		if err := store.Commit(ctx, ticket.Change{Channel: &c, Grant: &grant}); err != nil {
			return fmt.Errorf("account %s: %w", ref, err)
		}
	}
	return nil
}

// tokenKey is the key of the accounts' keys, as the functions read it from its secret.
func (s *System) tokenKey(context.Context) ([]byte, error) {
	key, err := keyFile(filepath.Join(s.opts.DataDir, tokenKeyFile))
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(key)
}
