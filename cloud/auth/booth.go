package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// DevBoothFile is the name, in the data folder, of the token of the booth that runs beside the core.
const DevBoothFile = "booth-token"

// DevBoothID is that booth's id.
const DevBoothID = "dev"

// Config is the section "auth".
type Config struct {
	SessionTTL time.Duration `yaml:"session_ttl" doc:"how long a login of staff lasts"`
	DevBooth   bool          `yaml:"dev_booth" doc:"make a token for a booth on this machine in <data>/booth-token; booth id dev"`
	Booths     []BoothConfig `yaml:"booths" doc:"booths that may call the tools"`
}

// BoothConfig names a booth and how it proves itself. One of TokenFile and TokenSHA256 is set.
type BoothConfig struct {
	ID          string `yaml:"id" doc:"name of the booth: lower-case letters, digits, dashes"`
	TokenFile   string `yaml:"token_file" doc:"file with the booth's token"`
	TokenSHA256 string `yaml:"token_sha256" doc:"SHA-256 of the token in hex, instead of the file"`
	SIPHA1      string `yaml:"sip_ha1" doc:"with token_sha256: MD5 or SHA-256 of id:realm:token in hex, for the voice line; without it the booth has none"`
}

// Default is what a core starts with.
func Default() Config { return Config{SessionTTL: 12 * time.Hour, DevBooth: true} }

var (
	boothID   = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)
	hexDigits = regexp.MustCompile(`^[0-9a-f]*$`)
)

// Validate checks the section.
func (c Config) Validate() error {
	if c.SessionTTL < time.Minute || c.SessionTTL > 30*24*time.Hour {
		return errors.New("session_ttl: must be between 1m and 720h")
	}
	seen := map[string]bool{}
	for i, b := range c.Booths {
		if err := b.Validate(); err != nil {
			return fmt.Errorf("booths[%d].%w", i, err)
		}
		if seen[b.ID] || (c.DevBooth && b.ID == DevBoothID) {
			return fmt.Errorf("booths[%d].id: %q is there twice", i, b.ID)
		}
		seen[b.ID] = true
	}
	return nil
}

// Validate checks one booth.
func (b BoothConfig) Validate() error {
	if !boothID.MatchString(b.ID) {
		return fmt.Errorf("id: %q must be lower-case letters, digits and dashes", b.ID)
	}
	if (b.TokenFile == "") == (b.TokenSHA256 == "") {
		return errors.New("token_file: exactly one of token_file and token_sha256 is needed")
	}
	if b.TokenSHA256 != "" {
		if sum, err := hex.DecodeString(b.TokenSHA256); err != nil || len(sum) != sha256.Size {
			return errors.New("token_sha256: must be 64 hex digits")
		}
	}
	return checkHA1(b.SIPHA1)
}

// Booths knows booths by the hash of their token. A lookup by hash tells nothing about a token through its timing.
type Booths map[[sha256.Size]byte]string

// LoadBooths reads the tokens of the section; data is the data folder.
func LoadBooths(c Config, data string) (Booths, error) {
	booths := Booths{}
	for _, b := range c.Booths {
		sum, err := b.sum()
		if err != nil {
			return nil, fmt.Errorf("booth %s: %w", b.ID, err)
		}
		if other, taken := booths[sum]; taken {
			return nil, fmt.Errorf("booths %s and %s have the same token", other, b.ID)
		}
		booths[sum] = b.ID
	}
	if c.DevBooth {
		token, err := devToken(filepath.Join(data, DevBoothFile))
		if err != nil {
			return nil, fmt.Errorf("booth %s: %w", DevBoothID, err)
		}
		booths[sha256.Sum256([]byte(token))] = DevBoothID
	}
	return booths, nil
}

// Booth returns the id of the booth that holds the token.
func (b Booths) Booth(token string) (string, bool) {
	id, ok := b[sha256.Sum256([]byte(token))]
	return id, ok
}

func (b BoothConfig) sum() (sum [sha256.Size]byte, err error) {
	if b.TokenSHA256 != "" {
		_, err = hex.Decode(sum[:], []byte(b.TokenSHA256))
		return sum, err
	}
	token, err := readToken(b.TokenFile)
	return sha256.Sum256([]byte(token)), err
}

func readToken(path string) (string, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(text))
	if len(token) < tokenBytes {
		return "", fmt.Errorf("%s: a token has at least %d characters", path, tokenBytes)
	}
	return token, nil
}

func devToken(path string) (string, error) {
	token, err := readToken(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return token, err
	}
	token = Secret()
	return token, writePrivate(path, []byte(token+"\n"))
}
