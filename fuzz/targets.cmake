# What reads foreign bytes: one file here each, and what it links. fuzz/CMakeLists.txt makes libFuzzer programs of them,
# tests/fuzz/CMakeLists.txt tests.
set(MM_FUZZ_TARGETS record block frames user replies requests definitions capture orders)
set(MM_FUZZ_LINKS_record mm_engine)
set(MM_FUZZ_LINKS_block mm_block_codec)
set(MM_FUZZ_LINKS_frames mm_venues)
set(MM_FUZZ_LINKS_user mm_venues)
set(MM_FUZZ_LINKS_replies mm_venues)
set(MM_FUZZ_LINKS_requests mm_venues)
set(MM_FUZZ_LINKS_definitions mm_venues_live)
set(MM_FUZZ_LINKS_capture mm_capture)
set(MM_FUZZ_LINKS_orders mm_capture mm_sim)
