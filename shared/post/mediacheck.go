package post

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// media looks at the files of a piece: together first, then each.
func (f *finder) media() {
	files := f.piece.Media
	if len(files) == 0 {
		if f.rule.NeedsMedia {
			f.add(RuleNoMedia, LevelError, FieldMedia, f.name+" necesita una imagen o un video. Agrega un archivo.")
		}
		return
	}
	var sorts []int
	for i, file := range files {
		at := slices.IndexFunc(f.rule.Media, func(m MediaRule) bool { return slices.Contains(m.Kinds, file.Kind) })
		if at < 0 {
			f.add(RuleMediaKind, LevelError, FieldMedia, place(i)+f.name+" no acepta "+kindWords(file.Kind, true)+". Usa otro archivo.")
			continue
		}
		f.file(i, file, f.rule.Media[at])
		if sorts = append(sorts, at); count(sorts, at) == f.rule.Media[at].Most+1 {
			f.add(RuleMediaCount, LevelError, FieldMedia, f.name+" acepta "+atMost(f.rule.Media[at])+" por publicación. Quita los que sobran.")
		}
	}
	slices.Sort(sorts)
	if len(slices.Compact(sorts)) > 1 {
		f.add(RuleMediaMixed, LevelError, FieldMedia, f.name+" no mezcla imágenes, GIF y videos en una publicación. Deja los de una sola clase.")
	}
}

func count(in []int, what int) int {
	n := 0
	for _, one := range in {
		if one == what {
			n++
		}
	}
	return n
}

// place names a file by its place among those of the post.
func place(i int) string { return "Archivo " + strconv.Itoa(i+1) + ": " }

// kindWords names a kind of file to a person.
func kindWords(kind string, many bool) string {
	one, more := "archivo de este tipo", "archivos de este tipo"
	switch kind {
	case Image:
		one, more = "imagen", "imágenes"
	case GIF:
		one, more = "GIF", "GIF"
	case Video:
		one, more = "video", "videos"
	}
	if many {
		return more
	}
	return one
}

func atMost(m MediaRule) string {
	return strconv.Itoa(m.Most) + " " + kindWords(m.Kinds[0], m.Most > 1)
}

// file looks at one file that the network takes by its kind.
func (f *finder) file(i int, file Attached, m MediaRule) {
	say := func(rule, message string) { f.add(rule, LevelError, FieldMedia, place(i)+message) }
	if file.Type != "" && !slices.Contains(m.Types, file.Type) {
		say(RuleMediaType, f.name+" no acepta ese formato. Usa "+typeWords(m.Types)+".")
	}
	if file.Size > 0 && m.MaxSize > 0 && file.Size > m.MaxSize {
		say(RuleMediaSize, "pesa "+sizeWords(file.Size, true)+" y el máximo en "+f.name+" es "+sizeWords(m.MaxSize, false)+". Usa uno más liviano.")
	}
	if file.Size > 0 && file.Size < m.MinSize {
		say(RuleMediaSize, "pesa menos de "+sizeWords(m.MinSize, false)+", el mínimo en "+f.name+". Usa uno de mejor calidad.")
	}
	f.time(file, m, say)
	if file.Width > 0 && file.Height > 0 {
		f.shape(file, m, say)
	}
}

func (f *finder) time(file Attached, m MediaRule, say func(rule, message string)) {
	if file.Millis > 0 && m.MaxMillis > 0 && file.Millis > m.MaxMillis {
		say(RuleMediaTime, "dura más de "+timeWords(m.MaxMillis)+", el máximo en "+f.name+". Acórtalo.")
	}
	if file.Millis > 0 && file.Millis < m.MinMillis {
		say(RuleMediaTime, "dura menos de "+timeWords(m.MinMillis)+", el mínimo en "+f.name+".")
	}
}

func (f *finder) shape(file Attached, m MediaRule, say func(rule, message string)) {
	if pixels := int64(file.Width) * int64(file.Height); m.MaxPixels > 0 && pixels >= m.MaxPixels {
		say(RuleMediaPixels, "mide "+strconv.Itoa(file.Width)+" × "+strconv.Itoa(file.Height)+" píxeles y es demasiado grande para "+f.name+". Reduce su tamaño.")
	}
	// Half a pixel is not held against anybody: 1080 × 566, Meta's own example of 1.91:1, is not quite that.
	w, h := float64(file.Width), float64(file.Height)
	if m.MaxRatio > 0 && (w-0.5 > m.MaxRatio*(h+0.5) || w+0.5 < m.MinRatio*(h-0.5)) {
		say(RuleMediaRatio, "es demasiado "+tooMuch(w/h, m)+" para "+f.name+". Recórtalo: "+ratioWords(m)+".")
	}
}

func tooMuch(ratio float64, m MediaRule) string {
	if ratio > m.MaxRatio {
		return "ancho"
	}
	return "alto"
}

// ratioWords tells between which proportions, width to height, a file may lie.
func ratioWords(m MediaRule) string {
	return "entre " + proportion(m.MinRatio) + " y " + proportion(m.MaxRatio)
}

func proportion(ratio float64) string {
	number := func(x float64) string {
		return strings.ReplaceAll(strconv.FormatFloat(x, 'f', -1, 64), ".", ",")
	}
	if ratio == 0.8 {
		return "4:5"
	}
	if ratio < 1 {
		return "1:" + number(float64(int(100/ratio+0.5))/100)
	}
	return number(ratio) + ":1"
}

// typeWords names formats to a person.
func typeWords(types []string) string {
	var names []string
	for _, t := range types {
		switch _, name, _ := strings.Cut(t, "/"); name {
		case "quicktime":
			names = append(names, "MOV")
		default:
			names = append(names, strings.ToUpper(name))
		}
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " o " + names[len(names)-1]
}

// sizeWords writes a size; what is measured is rounded up to a tenth, so that it never reads as the limit it is over.
func sizeWords(bytes int64, measured bool) string {
	unit, name := int64(kilobyte), " KB"
	if bytes >= megabyte {
		unit, name = megabyte, " MB"
	}
	if bytes >= 1024*megabyte && !measured {
		unit, name = 1024*megabyte, " GB"
	}
	tenths := (bytes*10 + unit - 1) / unit
	if tenths%10 == 0 {
		return thousands(int(tenths/10)) + name
	}
	return thousands(int(tenths/10)) + "," + strconv.FormatInt(tenths%10, 10) + name
}

func timeWords(millis int64) string {
	switch {
	case millis >= 3*minute && millis%minute == 0:
		return strconv.FormatInt(millis/minute, 10) + " minutos"
	case millis == second:
		return "1 segundo"
	case millis%second == 0:
		return strconv.FormatInt(millis/second, 10) + " segundos"
	default:
		return strings.ReplaceAll(strconv.FormatFloat(float64(millis)/second, 'f', -1, 64), ".", ",") + " segundos"
	}
}

// alts looks at the words for each file, which everybody who cannot see it depends on (Decreto Supremo 1 of 2015, Ley 20.422).
func (f *finder) alts() {
	for i, file := range f.piece.Media {
		switch n := utf8.RuneCountInString(file.Alt); {
		case strings.TrimSpace(file.Alt) == "":
			f.add(RuleAlt, LevelError, FieldMedia, place(i)+"falta la descripción. Escribe en palabras lo que muestra.")
		case n > MaxAlt:
			f.add(RuleAltLong, LevelError, FieldMedia, place(i)+"la descripción tiene "+thousands(n)+" caracteres y el máximo es "+thousands(MaxAlt)+". Acórtala.")
		}
	}
}
