package auth

import (
	"errors"
	"fmt"
	"path/filepath"
)

// LineLogin is how a booth proves itself on the voice line: digest, its id as the user. One of the two is set.
type LineLogin struct {
	Token string
	HA1   string // hex of H(id:realm:token), MD5 or SHA-256 by its length
}

// LoadLines returns the line logins of the booths that can have one, by id. A booth that is known by the hash of its token alone cannot:
// the digest needs another hash, sip_ha1.
func LoadLines(c Config, data string) (map[string]LineLogin, error) {
	lines := map[string]LineLogin{}
	for _, b := range c.Booths {
		switch {
		case b.SIPHA1 != "":
			lines[b.ID] = LineLogin{HA1: b.SIPHA1}
		case b.TokenFile != "":
			token, err := readToken(b.TokenFile)
			if err != nil {
				return nil, fmt.Errorf("booth %s: %w", b.ID, err)
			}
			lines[b.ID] = LineLogin{Token: token}
		}
	}
	if c.DevBooth {
		token, err := devToken(filepath.Join(data, DevBoothFile))
		if err != nil {
			return nil, fmt.Errorf("booth %s: %w", DevBoothID, err)
		}
		lines[DevBoothID] = LineLogin{Token: token}
	}
	return lines, nil
}

func checkHA1(ha1 string) error {
	const md5, sha256 = 32, 64
	if n := len(ha1); n != 0 && n != md5 && n != sha256 || !hexDigits.MatchString(ha1) {
		return errors.New("sip_ha1: must be 32 (MD5) or 64 (SHA-256) hex digits")
	}
	return nil
}
