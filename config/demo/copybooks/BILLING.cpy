      * Toll-free billing, a file a month: a header, the usage of each
      * account and its rebate, a trailer. Record length 60, EBCDIC.
       01  BILLING-RECORD.
           05  REC-TYPE                PIC X.
               88  IS-HEADER           VALUE 'H'.
               88  IS-USAGE            VALUE 'U'.
               88  IS-REBATE           VALUE 'R'.
               88  IS-TRAILER          VALUE 'T'.
           05  REC-DATA                PIC X(59).
           05  HEADER-DATA REDEFINES REC-DATA.
               10  FILE-ID             PIC X(8).
               10  BUSINESS-DATE       PIC 9(8).
               10  FILLER              PIC X(43).
           05  USAGE-DATA REDEFINES REC-DATA.
               10  ACCOUNT             PIC X(14).
               10  INVOICE-NO          PIC X(10).
               10  FIRST-DAY           PIC 9(8).
               10  LAST-DAY            PIC 9(8).
               10  SECONDS-USED        PIC 9(9) COMP.
               10  CHARGE              PIC S9(9)V99 COMP-3.
               10  FILLER              PIC X(9).
           05  REBATE-DATA REDEFINES REC-DATA.
               10  REBATE-ACCOUNT      PIC X(14).
               10  REBATE-NO           PIC X(10).
               10  REBATE-DAY          PIC 9(8).
               10  REBATE              PIC S9(9)V99 COMP-3.
               10  FILLER              PIC X(21).
           05  TRAILER-DATA REDEFINES REC-DATA.
               10  RECORD-COUNT        PIC 9(7).
               10  AMOUNT-TOTAL        PIC S9(11)V99.
               10  FILLER              PIC X(39).
