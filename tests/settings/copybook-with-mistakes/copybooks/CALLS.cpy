       01  CALL-RECORD.
           05  REC-TYPE            PIC X.
               88  IS-TRAILER      VALUE 'T'.
           05  CALL-DATA           PIC X(40).
           05  CALL-DETAIL REDEFINES CALL-DATA.
               10  CALL-ID         PIC X(10).
               10  START-TIME      PIC 9(4Z).
               10  TALK-SECONDS    PIC S9(5) COMP-3 COMPUTED.
