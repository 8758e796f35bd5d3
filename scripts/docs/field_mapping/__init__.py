"""Find by experiment which provider field each unified field comes from."""
