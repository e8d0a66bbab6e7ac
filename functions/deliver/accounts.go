package main

import (
	"time"

	"sence.gob.cl/gestor/shared/calendar"
	"sence.gob.cl/gestor/shared/channel"
	"sence.gob.cl/gestor/shared/deliver"
	"sence.gob.cl/gestor/shared/mention"
)

// accounts wires what may go out through our accounts: X is the one network that bills, and usd what a day may cost there.
func accounts(store deliver.Channels, usd string) (deliver.Accounts, error) {
	limit, err := channel.ParseUSD(usd)
	if err != nil {
		return deliver.Accounts{}, err
	}
	zone, err := time.LoadLocation(calendar.Zone)
	if err != nil {
		return deliver.Accounts{}, err
	}
	return deliver.Accounts{
		Store:  store,
		Limits: map[mention.Network]int64{mention.X: limit},
		Day:    func(now time.Time) string { return calendar.DateOf(now, zone).String() },
	}, nil
}
