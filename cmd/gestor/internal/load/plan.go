// Package load drives a running system with signed deliveries and then asks it whether every one it acknowledged is there,
// exactly once.
package load

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strconv"
	"time"

	"sence.gob.cl/gestor/shared/mention"
)

// Plan is what to send. Duplicates is the share of sends that repeat an earlier item; Shuffle sends the items out of the
// order of their times. Accounts are the networks to write on, in turn, and our account on each.
type Plan struct {
	Rate       int
	For        time.Duration
	Duplicates float64
	Shuffle    bool
	Accounts   []Account
	Run        int64 // makes the ids of this run unlike those of any other
}

// Account is ours on a network.
type Account struct {
	Network mention.Network
	ID      string
}

// item is one send: the network, the word by which its text is found again, the id the case gives it where that is the
// network's own, its delivery, and what a person would write for it.
type item struct {
	Network mention.Network
	Mark    string
	Key     string
	Body    []byte
	Author  string
	Name    string
	Text    string
}

// texts are what the fictitious people write; none of them is a denuncia, which a supervisor could not count.
func texts() []string {
	return []string{
		"Llevo tres meses esperando el pago del subsidio y nadie responde, exijo una solución",
		"¿Hasta cuándo puedo postular al curso de mi comuna?",
		"Muchas gracias por la orientación, me sirvió mucho",
		"Sería bueno que avisaran por correo cuando abren los cupos",
		"¿Dónde descargo mi certificado del curso en línea?",
	}
}

// deliveries makes the sends in the order they leave, at the instant the plan begins.
func (p Plan) deliveries(start time.Time) ([]item, error) {
	random := rand.New(rand.NewPCG(uint64(p.Run), 7)) //nolint:gosec // a reproducible load, not a secret
	total := int(float64(p.Rate) * p.For.Seconds())
	var distinct, sends []item
	for n := range total {
		if len(distinct) > 0 && random.Float64() < p.Duplicates {
			sends = append(sends, distinct[random.IntN(len(distinct))])
			continue
		}
		one, err := p.comment(n, start)
		if err != nil {
			return nil, err
		}
		distinct = append(distinct, one)
		sends = append(sends, one)
	}
	if p.Shuffle {
		random.Shuffle(len(sends), func(i, j int) { sends[i], sends[j] = sends[j], sends[i] })
	}
	return sends, nil
}

// comment is the n-th item: by somebody who writes once.
func (p Plan) comment(n int, start time.Time) (item, error) {
	account := p.Accounts[n%len(p.Accounts)]
	say := texts()
	// A text before the marks of people: the mark stands first, where no list cuts it off.
	mark := markOf(p.Run, n)
	s := said{
		account: account.ID,
		serial:  strconv.FormatInt(p.Run, 10) + fmt.Sprintf("%06d", n),
		thread:  strconv.FormatInt(p.Run, 10) + strconv.Itoa(n%20),
		name:    "Persona Ficticia " + strconv.Itoa(n),
		text:    mark + ": " + say[n%len(say)],
		at:      start.Add(-time.Duration(n%600) * time.Second),
	}
	key, body, err := s.body(account.Network)
	if err != nil {
		return item{}, err
	}
	return item{Network: account.Network, Mark: mark, Key: key, Body: body, Author: "ficticia" + s.serial, Name: s.name, Text: s.text}, nil
}

// marked finds what markOf made.
var marked = regexp.MustCompile(`zq[bcdfghjkmnpqrstvwxyz]{14}`)

// markOf is a word of letters alone, which no rule about personal data takes for a number: one for each item of each run.
func markOf(run int64, n int) string {
	const letters = "bcdfghjkmnpqrstvwxyz"
	word := []byte("zq")
	for _, part := range []int64{run % 1e9, int64(n)} {
		for range 7 {
			word = append(word, letters[part%int64(len(letters))])
			part /= int64(len(letters))
		}
	}
	return string(word)
}
