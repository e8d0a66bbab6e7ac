package classify

import (
	"math"
	"strings"

	"sence.gob.cl/gestor/shared/mention"
)

// bits is how many buckets the features are hashed into, as a power of two.
const bits = 16

// Buckets is how many different features a model tells apart; what falls into one bucket counts together.
const Buckets = 1 << bits

// Feature is one thing that a mention has: the bucket its name is hashed into, and how much of it there is. The weights of all
// features of a mention have length 1.
type Feature struct {
	Bucket uint32
	Weight float32
}

// The sorts of feature, as the first letter of their names. Their hashes are stored in models: never changed, only added.
const (
	sortWord    = 'w'
	sortPair    = 'b'
	sortNegated = 'n'
	sortLetters = 'c'
	sortRule    = 'r'
	sortSign    = 'f'
	sortSkip    = 'k' // two words with one between them
	sortFirst   = 's' // one of the first two words
	sortLast    = 'e' // one of the last two
	sortSound   = 'o' // a word as it sounds
	sortClass   = 'l'
	sortClasses = 'p' // two classes shortly one after the other
)

// How much each sort weighs beside the words: letters come in crowds, rules were thought about. Measured by leaving voices out
// (docs/adr/0029).
const (
	lettersWeight = 0.15
	ruleWeight    = 3.0
	signWeight    = 2.0
	skipWeight    = 0.4
	edgeWeight    = 0.4
	soundWeight   = 0.5
	classWeight   = 1.5
	classesWeight = 0.4
)

// edge is how many words at either end of a text count as its beginning and its end.
const edge = 2

// bag counts features by bucket. It is a table of open addresses that is used again for each mention.
type bag struct {
	keys   [bagSize]uint32 // bucket + 1; 0 is empty
	counts [bagSize]float32
	order  [bagSize]uint16 // the place in used
	used   []uint32        // places, in the order in which they were taken
	next   uint16          // len(used)
}

// bagSize holds what 2000 letters can bring with room to spare; what no longer fits is left out.
const (
	bagSize = 1 << 14
	bagMost = bagSize * 3 / 4
)

func (b *bag) reset() {
	for _, at := range b.used {
		b.keys[at] = 0
	}
	b.used, b.next = b.used[:0], 0
}

// add counts the feature with a hash.
func (b *bag) add(hash uint32, weight float32) {
	bucket := mix(hash) >> (32 - bits)
	at := bucket * 2654435761 >> (32 - 14)
	for {
		switch b.keys[at] {
		case bucket + 1:
			b.counts[at] += weight
			return
		case 0:
			if len(b.used) >= bagMost {
				return
			}
			b.keys[at], b.counts[at], b.order[at] = bucket+1, weight, b.next
			b.next++
			b.used = append(b.used, at)
			return
		}
		at = (at + 1) % bagSize
	}
}

// place tells which of the features that with this hash is, -1 when there is none.
func (b *bag) place(hash uint32) int {
	bucket := mix(hash) >> (32 - bits)
	for at := bucket * 2654435761 >> (32 - 14); b.keys[at] != 0; at = (at + 1) % bagSize {
		if b.keys[at] == bucket+1 {
			return int(b.order[at])
		}
	}
	return -1
}

// features gives what was counted, damped (a word said five times is not five times as telling) and of length 1.
func (b *bag) features(into []Feature) []Feature {
	into = into[:0]
	sum, last, w := 0.0, float32(0), 0.0
	for _, at := range b.used {
		if c := b.counts[at]; c != last { // most are there once: neighbours have the same logarithm
			last, w = c, math.Log1p(float64(c))
		}
		sum += w * w
		into = append(into, Feature{Bucket: b.keys[at] - 1, Weight: float32(w)})
	}
	if sum == 0 {
		return into
	}
	norm := float32(1 / math.Sqrt(sum))
	for i := range into {
		into[i].Weight *= norm
	}
	return into
}

// hash is FNV-1a, begun with the sort of the feature.
type hash uint32

func begin(sort byte) hash { return hash(2166136261).byte(sort) }

func (h hash) byte(b byte) hash { return (h ^ hash(b)) * 16777619 }

func (h hash) text(s string) hash {
	for i := range len(s) {
		h = h.byte(s[i])
	}
	return h
}

func (h hash) bytes(b []byte) hash {
	for _, c := range b {
		h = h.byte(c)
	}
	return h
}

// mix spreads the hash over its high bits, which name the bucket.
func mix(h uint32) uint32 {
	h ^= h >> 16
	h *= 0x7feb352d
	h ^= h >> 15
	h *= 0x846ca68b
	return h ^ h>>16
}

// Bucket gives the bucket of a feature by its name: the letter of its sort and its text.
func Bucket(sort byte, text string) uint32 { return mix(uint32(begin(sort).text(text))) >> (32 - bits) }

// negation reports whether a word turns what follows it.
func negation(word string) bool {
	switch word {
	case "no", "ni", "nunca", "jamas", "sin", "tampoco", "nadie", "nada":
		return true
	default:
		return false
	}
}

// scope is how many words a negation reaches.
const scope = 3

// addWords counts words, where they stand, pairs of words, words after a negation, and the letters inside of words.
func (b *bag) addWords(words []string) {
	left := 0
	before := "^"
	for i, w := range words {
		if i < edge {
			b.add(uint32(begin(sortFirst).text(w)), edgeWeight)
		}
		if i > 1 {
			b.add(uint32(begin(sortSkip).text(words[i-2]).byte(' ').text(w)), skipWeight)
		}
		b.add(uint32(begin(sortWord).text(w)), 1)
		b.add(uint32(begin(sortPair).text(before).byte(' ').text(w)), 1)
		if left > 0 {
			b.add(uint32(begin(sortNegated).text(w)), 1)
			left--
		}
		if negation(w) {
			left = scope
		}
		b.addLetters(w)
		before = w
	}
	if len(words) > 0 {
		b.add(uint32(begin(sortPair).text(before).byte(' ').text("$")), 1)
	}
}

// addLetters counts the rows of two to five letters of a word with its ends.
func (b *bag) addLetters(word string) {
	const most = 63 // of one word: more letters than that are no word
	marked := "<" + word + ">"
	starts := make([]int, 0, most+1)
	for i := range marked {
		if len(starts) == most {
			break
		}
		starts = append(starts, i)
	}
	starts = append(starts, len(marked))
	for i := range len(starts) - 1 {
		h := begin(sortLetters)
		for j := i; j < len(starts)-1 && j < i+5; j++ {
			h = h.text(marked[starts[j]:starts[j+1]])
			if j > i {
				b.add(uint32(h), lettersWeight)
			}
		}
	}
}

func (b *bag) sign(name string) { b.add(uint32(begin(sortSign).text(name)), signWeight) }

// addSigns counts what is not words: how the text is written, what hangs in it, and where it stands.
func (b *bag) addSigns(in Input, raw, normal string, words int) {
	seen, drawn := look(raw), pictures(normal)
	b.sign("len" + step10(words))
	for _, s := range []struct {
		name string
		is   bool
	}{
		{"?", seen.questions > 0},
		{"??", seen.questions > 1},
		{"!", seen.shouts > 0},
		{"!!", seen.shouts > 1},
		{"...", strings.Contains(raw, "...") || strings.ContainsRune(raw, '…')},
		{"link", linked(normal)},
		{"@", seen.handles > 0},
		{"@@", seen.handles > 1},
		{"#", seen.tags > 0},
		{"happy", drawn && strings.ContainsAny(normal, happy)},
		{"angry", drawn && strings.ContainsAny(normal, angry)},
		{"selling", drawn && strings.ContainsAny(normal, selling)},
		{"private", !in.Public || in.Network == mention.WhatsApp},
		{"linkedin", in.Network == mention.LinkedIn},
	} {
		if s.is {
			b.sign(s.name)
		}
	}
}

// step10 names a count roughly.
func step10(n int) string {
	switch {
	case n == 0:
		return "0"
	case n <= 3:
		return "3"
	case n <= 7:
		return "7"
	case n <= 15:
		return "15"
	case n <= 30:
		return "30"
	case n <= 60:
		return "60"
	default:
		return "99"
	}
}

// looks is how a text is written.
type looks struct{ questions, shouts, handles, tags int }

func look(raw string) looks {
	var l looks
	for _, r := range raw {
		switch r {
		case '?', '¿':
			l.questions++
		case '!', '¡':
			l.shouts++
		case '@':
			l.handles++
		case '#':
			l.tags++
		}
	}
	return l
}

// linked reports whether a link hangs in a normalized text.
func linked(normal string) bool {
	for field := range strings.FieldsSeq(normal) {
		if isLink(field) {
			return true
		}
	}
	return false
}

// pictures reports whether there is anything beyond letters of ours, as every emoji is: looking for some of them takes long.
func pictures(normal string) bool {
	for i := range len(normal) {
		if normal[i] >= 0xE2 { // begins U+2000 and what follows
			return true
		}
	}
	return false
}
